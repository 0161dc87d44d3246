namespace Libp2p.Protocols.Rendezvous;

/// <summary>A meeting point: peers register under a namespace and are found there.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/rendezvous/README.md. The first message's type says which it is, and is on the wire
/// although REGISTER is 0, since rust rejects messages without it. One exchange a stream, as in rust.
/// <code>
/// initiator  REGISTER, the end    ->  &lt;-  REGISTER_RESPONSE, the end   responder
/// initiator  UNREGISTER, the end  ->                       the end   responder
/// initiator  DISCOVER, the end    ->  &lt;-  DISCOVER_RESPONSE, the end   responder
/// </code>
/// </remarks>
[Protocol("/rendezvous/1.0.0", Discriminator = nameof(RendezvousMessage.Type))]
[Limits(MaxMessage = 1 * Size.MiB, MaxElements = 4096, ExchangeSeconds = 10, InboundPerPeer = 8, OutboundPerPeer = 8)]
public partial interface IRendezvous
{
    /// <summary>Registers the caller's signed peer record under a namespace, or refreshes it.</summary>
    /// <returns>A status, and the lifetime granted.</returns>
    [On(RendezvousMessage.Types.MessageType.Register, Reply = RendezvousMessage.Types.MessageType.RegisterResponse)]
    ValueTask<RendezvousMessage> RegisterAsync(RendezvousMessage request, CallContext context = default);

    /// <summary>Ends the caller's registration under a namespace. Nobody answers.</summary>
    [On(RendezvousMessage.Types.MessageType.Unregister)]
    ValueTask UnregisterAsync(RendezvousMessage request, CallContext context = default);

    /// <summary>Asks who is registered, since the cookie if there is one.</summary>
    [On(RendezvousMessage.Types.MessageType.Discover, Reply = RendezvousMessage.Types.MessageType.DiscoverResponse)]
    ValueTask<RendezvousMessage> DiscoverAsync(RendezvousMessage request, CallContext context = default);
}
