using System.IO.Pipelines;

namespace Libp2p.Connections;

/// <summary>
/// An ordered, reliable pipe of bytes to one remote: a TCP socket, a WebSocket, one end in memory, a stream of another connection
/// (relay), or any of these under a security protocol. Left-over bytes survive each hand-off because a reader examines, but does
/// not consume, what is not its own.
/// </summary>
/// <remarks>
/// One reader and one writer at a time. Completing the output ends our direction (FIN) after what was flushed; the input ends when
/// the remote does the same, or fails with the reason the link broke. <see cref="IAsyncDisposable.DisposeAsync"/> closes both in
/// order and waits; it is idempotent.
/// </remarks>
public interface IByteLink : IDuplexPipe, ITransportConnection;
