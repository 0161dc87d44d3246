namespace Libp2p.Kademlia;

/// <summary>The queries of the DHT. Registered in server mode only.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/kad-dht/README.md and https://github.com/ipfs/specs/blob/main/src/routing/kad-dht.md. The
/// type says which it is; absent it is PUT_VALUE. go sends request after request on a stream, rust and js one each with its end: a
/// responder reads until the end and answers after it, too. ADD_PROVIDER is not answered, whatever the IPFS text says.
/// <code>
/// initiator  varint length, KadMessage  ->  &lt;-  varint length, KadMessage   responder   again and again
/// initiator  varint length, KadMessage ADD_PROVIDER, the end  ->            responder   on a stream of its own
/// </code>
/// </remarks>
[Protocol("/{network=ipfs}/kad/1.0.0", Discriminator = nameof(KadMessage.Type))]
[Reuse(IdleSeconds = 5)]
[Limits(MaxMessage = 4 * Size.MiB, MaxSend = 16 * Size.KiB, MaxElements = 65_536, ExchangeSeconds = 10, IdleSeconds = 60,
    InboundPerPeer = 32, OutboundPerPeer = 32, WhenFull = WhenFull.ReplaceOldest)]
public partial interface IKad
{
    /// <summary>Asks for the peers closest to a key.</summary>
    /// <returns>Up to 20 peers, or 21 where go puts the target itself first.</returns>
    [On(KadMessage.Types.MessageType.FindNode), Idempotent]
    ValueTask<KadMessage> FindNodeAsync(KadMessage request, CallContext context = default);

    /// <summary>Asks for a record; the closest peers come with it or instead of it.</summary>
    [On(KadMessage.Types.MessageType.GetValue), Idempotent]
    ValueTask<KadMessage> GetValueAsync(KadMessage request, CallContext context = default);

    /// <summary>Stores a record.</summary>
    /// <returns>The record that is now stored: what was sent.</returns>
    [On(KadMessage.Types.MessageType.PutValue), Idempotent]
    ValueTask<KadMessage> PutValueAsync(KadMessage request, CallContext context = default);

    /// <summary>Asks who provides a multihash; the closest peers come along.</summary>
    [On(KadMessage.Types.MessageType.GetProviders), Idempotent]
    ValueTask<KadMessage> GetProvidersAsync(KadMessage request, CallContext context = default);

    /// <summary>Says that we provide a multihash. Nobody answers.</summary>
    [On(KadMessage.Types.MessageType.AddProvider), Limits(MaxElements = 1024)]
    ValueTask AddProviderAsync(KadMessage request, CallContext context = default);
}
