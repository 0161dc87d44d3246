using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;

namespace Libp2p.Peer;

/// <summary>A raw protocol of <c>--handle proto=mode</c>: echo, sink, source:BYTES, close, reset[:CODE] or hang.</summary>
internal sealed class RawHandler(ProtocolId protocol, string mode, long argument, JsonLines output) : StreamHandler
{
    private static readonly string[] s_modes = ["echo", "sink", "source", "close", "reset", "hang"];

    public override IReadOnlyList<ProtocolId> Ids { get; } = [protocol];

    public override OperationLimits Limits { get; } = new() { InboundPerPeer = 100_000 };

    public static RawHandler Parse(string text, JsonLines output)
    {
        string[] parts = text.Split('=', 2);
        string[] mode = parts.Length == 2 ? parts[1].Split(':', 2) : [];
        return mode.Length > 0 && s_modes.Contains(mode[0])
            ? new RawHandler(parts[0], mode[0], mode.Length == 2 ? long.Parse(mode[1], CultureInfo.InvariantCulture) : 0, output)
            : throw new UnsupportedException($"--handle {text}");
    }

    public override async ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        long received = 0;
        output.Write("stream-open", ("protocol", protocol.Value), ("mode", mode));
        try
        {
            switch (mode)
            {
                case "reset":
                    // go forgets what it has not read when a reset comes, and so could miss that the protocol was agreed.
                    await Task.WhenAny(stream.Input.ReadAsync(cancellationToken).AsTask(), Task.Delay(50, cancellationToken));
                    stream.Reset(new ErrorCode((uint)argument));
                    return;
                case "source":
                    await RawStreams.WriteZerosAsync(stream.Output, argument, cancellationToken);
                    await stream.CloseWriteAsync(cancellationToken);
                    break;
                case "close":
                    await stream.CloseWriteAsync(cancellationToken);
                    break;
            }

            received = await ReadAsync(stream, cancellationToken);
            if (mode == "hang")
            {
                await Task.Delay(Timeout.Infinite, stream.Aborted);
            }
        }
        catch (Exception e) when (e is Libp2pException or OperationCanceledException)
        {
            output.Write("stream-error", ("protocol", protocol.Value), ("error", stream.End?.ToString() ?? e.Message));
            throw;
        }
        finally
        {
            output.Write("stream-end", ("protocol", protocol.Value), ("mode", mode), ("received", received));
        }
    }

    private async ValueTask<long> ReadAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        long received = 0;
        while (true)
        {
            ReadResult result = await stream.Input.ReadAsync(cancellationToken);
            received += result.Buffer.Length;
            if (mode == "echo")
            {
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    stream.Output.Write(segment.Span);
                }

                await stream.Output.FlushAsync(cancellationToken);
            }

            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return received;
            }
        }
    }
}
