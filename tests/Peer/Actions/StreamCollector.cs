using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Peer.Actions;

/// <summary>Collects what a stream brings, and how it ended.</summary>
internal sealed class StreamCollector
{
    private readonly ArrayBufferWriter<byte> _received = new();

    public byte[] Bytes => _received.WrittenSpan.ToArray();

    /// <summary>Who reset it, and with which code; null where nobody did.</summary>
    public EndReason? Reset { get; private set; }

    public async Task<string> ReadAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReadResult result = await stream.Input.ReadAsync(cancellationToken);
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    _received.Write(segment.Span);
                }

                stream.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return "eof";
                }
            }
        }
        catch (StreamResetException e)
        {
            Reset = e.Reason;
            return "stream reset";
        }
        catch (OperationCanceledException)
        {
            return "timeout";
        }
    }
}
