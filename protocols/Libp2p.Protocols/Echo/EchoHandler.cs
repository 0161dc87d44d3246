using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Protocols.Echo;

/// <summary>The responder of <see cref="IEcho"/>. Reads no faster than the initiator takes back, so it holds no more than a window.</summary>
public sealed class EchoHandler : IEcho
{
    /// <inheritdoc/>
    public async ValueTask EchoAsync(P2PStream stream, CallContext context = default)
    {
        ReadResult read;
        do
        {
            read = await stream.Input.ReadAsync(context.CancellationToken);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                stream.Output.Write(segment.Span);
            }

            try
            {
                if ((await stream.Output.FlushAsync(context.CancellationToken)).IsCompleted)
                {
                    return; // the initiator wants no more of it back
                }
            }
            finally
            {
                stream.Input.AdvanceTo(read.Buffer.End); // what is lent when the stream ends is nobody's to use again
            }
        }
        while (!read.IsCompleted);

        await stream.CloseWriteAsync(context.CancellationToken);
    }
}
