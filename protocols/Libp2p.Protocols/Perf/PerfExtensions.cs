using System.Buffers.Binary;
using System.Security.Cryptography;
using Libp2p.Scheduling;

namespace Libp2p.Protocols.Perf;

/// <summary>The initiator of <see cref="IPerf"/>.</summary>
public static class PerfExtensions
{
    /// <summary>Uploads, half-closes, and downloads, on a stream of its own.</summary>
    /// <param name="perf">A client of the peer.</param>
    /// <param name="request">How much, or how long.</param>
    /// <param name="context">Cancellation; its time is the opening's. A transfer that goes on has no bound but <see cref="PerfRequest.Duration"/>.</param>
    /// <returns>What went, and how long it took without the opening of the stream.</returns>
    /// <exception cref="StreamResetException">Nothing went or came for the protocol's idle time, or the stream was reset.</exception>
    /// <exception cref="ProtocolViolationException">The responder sent more or less than it was asked for, or took no more.</exception>
    public static async ValueTask<PerfResult> RunAsync(this IPerf perf, PerfRequest request, CallContext context = default)
    {
        ArgumentNullException.ThrowIfNull(perf);
        ArgumentNullException.ThrowIfNull(request);
        byte[] download = new byte[IPerf.HeadSize];
        BinaryPrimitives.WriteUInt64BigEndian(download, request.Download);
        await using P2PStream stream = await perf.OpenMeasureAsync(download, context);
        return await RunAsync(stream, request, context.CancellationToken);
    }

    private static async ValueTask<PerfResult> RunAsync(P2PStream stream, PerfRequest request, CancellationToken cancellationToken)
    {
        long started = stream.Time.GetTimestamp();
        using IncrementalHash? sent = request.Hash ? PerfBytes.NewHash() : null;
        using IncrementalHash? received = request.Hash ? PerfBytes.NewHash() : null;
        ulong uploaded = await UploadAsync(stream, request, started, sent, cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
        ulong downloaded = await DownloadAsync(stream, request, started, received, cancellationToken);
        return new PerfResult
        {
            Uploaded = uploaded,
            Downloaded = downloaded,
            Elapsed = stream.Time.GetElapsedTime(started),
            UploadHash = sent?.GetHashAndReset() ?? [],
            DownloadHash = received?.GetHashAndReset() ?? [],
        };
    }

    private static async ValueTask<ulong> UploadAsync(
        P2PStream stream, PerfRequest request, long started, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        ulong sent = await PerfBytes.SendAsync(
            stream.Output, request.Upload, request.Block.IsEmpty ? PerfBytes.Zeros : request.Block, hash, GoesOn, cancellationToken);
        return sent == request.Upload || IsOver()
            ? sent
            : throw new ProtocolViolationException($"perf: the responder took no more after {sent} of {request.Upload} bytes");

        bool GoesOn(long count)
        {
            request.Progress?.Invoke(count, 0);
            return !IsOver();
        }

        bool IsOver() => request.Duration is { } duration && stream.Time.GetElapsedTime(started) >= duration;
    }

    private static async ValueTask<ulong> DownloadAsync(
        P2PStream stream, PerfRequest request, long started, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        ulong received = 0;
        TimeSpan? left = request.Download == 0 ? null : request.Duration - stream.Time.GetElapsedTime(started);
        using Deadline deadline = Deadline.Start(left < TimeSpan.Zero ? TimeSpan.Zero : left, stream.Time, cancellationToken);
        try
        {
            await PerfBytes.ReceiveAsync(stream.Input, hash, Count, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            stream.Reset();
            return received;
        }

        return received == request.Download
            ? received
            : throw new ProtocolViolationException($"perf: the responder sent {received} bytes, asked were {request.Download}");

        void Count(long count)
        {
            received += (ulong)count;
            request.Progress?.Invoke(0, count);
        }
    }
}
