using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Tests.Host;

/// <summary>A handler below the declaration model, for the host's own tests.</summary>
internal sealed class BytesHandler(string id, Func<P2PStream, CancellationToken, ValueTask> serve, OperationLimits? limits = null, string? access = null) : StreamHandler
{
    public static BytesHandler Echo { get; } = new("/bytes/echo", EchoAsync);

    public override IReadOnlyList<ProtocolId> Ids { get; } = [id];

    public override OperationLimits Limits { get; } = limits ?? OperationLimits.Default;

    public override string? AccessPolicy => access;

    public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => serve(stream, cancellationToken);

    public static async ValueTask EchoAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                stream.Output.Write(segment.Span);
            }

            stream.Input.AdvanceTo(read.Buffer.End); // before the flush: what is lent when the stream ends is nobody's to use again
            await stream.Output.FlushAsync(cancellationToken);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
