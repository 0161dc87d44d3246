using System.IO.Pipelines;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// Watches the direction that a client stream does not use. It stays open for as long as the responder wants messages: an end, a
/// reset or a byte on it ends the exchange.
/// </summary>
internal sealed class UnusedDirection
{
    private readonly P2PStream _stream;
    private readonly Exchange _exchange;
    private Task _watching = Task.CompletedTask;

    private UnusedDirection(P2PStream stream, Exchange exchange) => (_stream, _exchange) = (stream, exchange);

    /// <summary>What came, if something did.</summary>
    public Exception? Outcome { get; private set; }

    /// <summary>Whether the responder ended the stream in order: it wants no more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Begins to watch.</summary>
    public static UnusedDirection Watch(P2PStream stream, Exchange exchange)
    {
        UnusedDirection direction = new(stream, exchange);
        direction._watching = AmbientFlow.Start(direction, static one => one.WatchAsync());
        return direction;
    }

    /// <summary>Ends the exchange, and the watching with it. Idempotent.</summary>
    public Task StopAsync()
    {
        _exchange.Cancel();
        return _watching;
    }

    private async Task WatchAsync()
    {
        try
        {
            ReadResult read = await _stream.MessageInput.ReadAsync(_exchange.Token);
            IsOver = read.Buffer.IsEmpty && read.IsCompleted;
            _stream.MessageInput.AdvanceTo(read.Buffer.End);
            Outcome = IsOver ? Over() : Violated();
        }
        catch (OperationCanceledException)
        {
            return; // the exchange ended first
        }
        catch (Exception e)
        {
            Outcome = e;
        }

        _exchange.End(Outcome);
        if (Outcome is ProtocolViolationException violation)
        {
            _stream.Reset(violation.Reason); // the stream's owner may not notice before it ends it in order
        }
    }

    private StreamResetException Over() => new($"{_stream.Protocol}: the remote has ended the stream", CallFailure.RemoteEnded);

    private ProtocolViolationException Violated() => new($"{_stream.Protocol}: the remote sent bytes where none are due");
}
