using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Scheduling;
using Libp2p.TestKit;
using Libp2p.Transports;

namespace Libp2p.Tests.Links;

/// <summary>The stand-in for QUIC by the contract of transports whose connections are secured and muxed.</summary>
public sealed class SelfSecuringTransportContractTests : ConnectionTransportContract
{
    private readonly SelfSecuringNetwork _network = new();

    protected override Multiaddress Anywhere { get; } = Multiaddress.Parse("/ip4/127.0.0.1/udp/0/quic-v1");

    protected override MuxerCapabilities Capabilities => MuxerCapabilities.HalfClose | MuxerCapabilities.ResetCodes | MuxerCapabilities.StopSending;

    protected override IConnectionTransport Create(IIdentitySigner identity) => StandIns.Create(_network, identity);
}

/// <summary>Its streams by the contract of muxers.</summary>
public sealed class SelfSecuringStreamContractTests : MuxerContract
{
    private readonly SelfSecuringNetwork _network = new();

    protected override async ValueTask<MuxerPair> ConnectAsync()
    {
        SelfSecuringTransport listening = StandIns.Create(_network, TestIdentity.Ed25519(2));
        ITransportListener<UpgradedConnection> listener = await listening.ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/udp/0/quic-v1"), default);
        Task<UpgradedConnection> dialling = StandIns.Create(_network, TestIdentity.Ed25519(1)).DialAsync(TransportDials.To(listener.Addresses[0]), default).AsTask();
        IPendingConnection<UpgradedConnection> pending = (await listener.AcceptAsync(default))!;
        UpgradedConnection accepted = await pending.AcceptAsync(TransportDials.AdmitsAll, default);
        return new MuxerPair((await dialling).Muxed, accepted.Muxed);
    }
}

internal static class StandIns
{
    public static SelfSecuringTransport Create(SelfSecuringNetwork network, IIdentitySigner identity) =>
        new(network, identity, TestIdentity.Verifier, new NodeSeams(TimeProvider.System, CryptoRandomSource.Instance, ThreadPoolScheduler.Instance));
}
