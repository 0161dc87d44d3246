namespace Libp2p.Benchmarks.Calls;

/// <summary>Bytes there and back, exchange after exchange on one stream.</summary>
[Protocol("/echoed/1.0.0"), Reuse(IdleSeconds = 3600)]
[Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10, IdleSeconds = 3600)]
internal partial interface IEchoed
{
    /// <summary>The same bytes.</summary>
    ValueTask<ReadOnlyMemory<byte>> SameAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);
}

/// <summary>Gives back what it gets.</summary>
internal sealed class Echoed : IEchoed
{
    public ValueTask<ReadOnlyMemory<byte>> SameAsync(ReadOnlyMemory<byte> bytes, CallContext context = default) => new(bytes);
}
