using Libp2p.Kademlia;
using Libp2p.Protocols.AutoNat;
using Libp2p.Protocols.AutoNatV2;
using Libp2p.Protocols.Dcutr;
using Libp2p.Protocols.Relay;
using Libp2p.Protocols.Rendezvous;

namespace Libp2p.Tests.Calls
{
    // As in docs/declarations.md, with bounds that a test can reach.
    [Protocol("/{network=ipfs}/kad/1.0.0", Discriminator = nameof(KadMessage.Type))]
    [Reuse(IdleSeconds = 5)]
    [Limits(MaxMessage = 100, MaxSend = 80, MaxElements = 8, ExchangeSeconds = 10, IdleSeconds = 60)]
    internal partial interface IKad
    {
        [On(KadMessage.Types.MessageType.FindNode)]
        ValueTask<KadMessage> FindNodeAsync(KadMessage request, CallContext context = default);

        [On(KadMessage.Types.MessageType.GetValue)]
        ValueTask<KadMessage> GetValueAsync(KadMessage request, CallContext context = default);

        [On(KadMessage.Types.MessageType.PutValue)]
        ValueTask<KadMessage> PutValueAsync(KadMessage request, CallContext context = default);

        [On(KadMessage.Types.MessageType.AddProvider), Limits(MaxRequest = 50, MaxElements = 2)]
        ValueTask AddProviderAsync(KadMessage request, CallContext context = default);
    }

    [Protocol("/rendezvous/1.0.0", Discriminator = nameof(RendezvousMessage.Type))]
    [Limits(MaxMessage = 100, ExchangeSeconds = 10)]
    internal partial interface IRendezvous
    {
        [On(RendezvousMessage.Types.MessageType.Register, Reply = RendezvousMessage.Types.MessageType.RegisterResponse)]
        ValueTask<RendezvousMessage> RegisterAsync(RendezvousMessage request, CallContext context = default);

        [On(RendezvousMessage.Types.MessageType.Unregister)]
        ValueTask UnregisterAsync(RendezvousMessage request, CallContext context = default);
    }

    [Protocol("/libp2p/circuit/relay/0.2.0/hop", Discriminator = nameof(HopMessage.Type))]
    [Limits(MaxMessage = 100, ExchangeSeconds = 60)]
    internal partial interface IRelayHop
    {
        [On(HopMessage.Types.Type.Reserve, Reply = HopMessage.Types.Type.Status)]
        [Limits(InboundPerPeer = 1, OutboundPerPeer = 1, ExchangeSeconds = 5)]
        ValueTask<HopMessage> ReserveAsync(HopMessage request, CallContext context = default);

        [On(HopMessage.Types.Type.Connect, Reply = HopMessage.Types.Type.Status)]
        [Limits(InboundPerPeer = 2, OutboundPerPeer = 2, WhenFull = WhenFull.Refuse)]
        ValueTask ConnectAsync(HopMessage request, Dialogue<HopMessage, HopMessage> answer, CallContext context = default);
    }

    [Protocol("/libp2p/dcutr", Discriminator = nameof(HolePunch.Type))]
    [Limits(MaxMessage = 100, ExchangeSeconds = 60)]
    internal partial interface IDcutr
    {
        ValueTask CoordinateAsync(Dialogue<HolePunch, HolePunch> dialogue, CallContext context = default);
    }

    [Protocol("/libp2p/autonat/1.0.0", Discriminator = nameof(AutoNatMessage.Type))]
    [Limits(MaxMessage = 100, ExchangeSeconds = 60)]
    internal partial interface IAutoNat
    {
        [On(AutoNatMessage.Types.MessageType.Dial, Reply = AutoNatMessage.Types.MessageType.DialResponse)]
        ValueTask<AutoNatMessage> DialAsync(AutoNatMessage request, CallContext context = default);
    }

    [Protocol("/libp2p/autonat/2/dial-request")]
    [Envelope<DialMessage>]
    [Limits(MaxMessage = 100, ExchangeSeconds = 30)]
    internal partial interface IAutoNatDialRequest
    {
        ValueTask DialAsync(DialRequest request, Dialogue<DialDataResponse, IDialAnswer> rest, CallContext context = default);
    }

    [Protocol("/libp2p/autonat/2/dial-back")]
    [Limits(MaxMessage = 100, MaxSend = 10, ExchangeSeconds = 5)]
    internal partial interface IAutoNatDialBack
    {
        ValueTask<DialBackResponse?> DialBackAsync(DialBack message, CallContext context = default);
    }

    /// <summary>Operations that only the case of the envelope tells apart.</summary>
    [Protocol("/cases/2.0.0", "/cases/1.0.0")]
    [Envelope<DialMessage>]
    [Limits(MaxMessage = 100, ExchangeSeconds = 10)]
    internal partial interface ICases
    {
        ValueTask<IDialAnswer> AskAsync(DialRequest request, CallContext context = default);

        [Since("/cases/2.0.0")]
        ValueTask TellAsync(DialDataResponse data, CallContext context = default);
    }
}

namespace Libp2p.Protocols.AutoNatV2
{
    internal interface IDialAnswer;

    internal sealed partial class DialDataRequest : IDialAnswer;

    internal sealed partial class DialResponse : IDialAnswer;
}
