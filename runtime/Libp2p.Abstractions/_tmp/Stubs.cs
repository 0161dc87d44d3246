#pragma warning disable
namespace Libp2p;
public sealed class MessageReader<T> { public ValueTask<Received<T>> ReadAsync(CancellationToken c) => default; }
public sealed class MessageWriter<T> { public ValueTask WriteAsync(T t, CancellationToken c) => default; }
