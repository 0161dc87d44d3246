namespace Libp2p.Protocols.Ping;

/// <summary>The responder of <see cref="IPing"/>.</summary>
public sealed class PingHandler : IPing
{
    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> PingAsync(ReadOnlyMemory<byte> payload, CallContext context = default) => new(payload);
}
