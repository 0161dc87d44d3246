using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Libp2p.Protocols.Perf;

/// <summary>The responder of <see cref="IPerf"/>. Holds no more than one block, whatever it is asked for.</summary>
/// <param name="served">Told of each transfer that was completed; null: nobody asks.</param>
/// <param name="hash">Whether it is told the hashes, too, which costs time.</param>
public sealed class PerfHandler(Action<P2PStream, PerfResult>? served = null, bool hash = false) : IPerf
{
    /// <inheritdoc/>
    public async ValueTask MeasureAsync(ReadOnlyMemory<byte> download, P2PStream transfer, CallContext context = default)
    {
        ulong asked = BinaryPrimitives.ReadUInt64BigEndian(download.Span);
        long started = transfer.Time.GetTimestamp();
        using IncrementalHash? received = hash ? PerfBytes.NewHash() : null;
        using IncrementalHash? sent = hash ? PerfBytes.NewHash() : null;
        ulong uploaded = await PerfBytes.ReceiveAsync(transfer.Input, received, null, context.CancellationToken);
        ulong downloaded = await PerfBytes.SendAsync(transfer.Output, asked, PerfBytes.Zeros, sent, null, context.CancellationToken);
        await transfer.CloseWriteAsync(context.CancellationToken);
        served?.Invoke(transfer, new PerfResult
        {
            Uploaded = uploaded,
            Downloaded = downloaded,
            Elapsed = transfer.Time.GetElapsedTime(started),
            UploadHash = received?.GetHashAndReset() ?? [],
            DownloadHash = sent?.GetHashAndReset() ?? [],
        });
    }
}
