using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.TestKit;
using Libp2p.Transports;
using Libp2p.Transports.Memory;
using Libp2p.Transports.Tcp;

namespace Libp2p.Tests.Links;

/// <summary>TCP by the contract of transports.</summary>
public sealed class TcpTransportContractTests : LinkTransportContract
{
    protected override Multiaddress Anywhere { get; } = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    protected override long MostHeld => 24 * Size.MiB; // what Linux lets the buffers of both ends grow to, and some more

    protected override ILinkTransport Create() => new TcpTransport(new FixedInterfaces());

    [Fact]
    public async Task As_many_as_the_backlog_says_are_connected_before_they_are_accepted()
    {
        const int Backlog = 20;
        await using ITransportListener<IByteLink> listener = await new TcpTransport(new FixedInterfaces(), new TcpOptions { Backlog = Backlog }).ListenAsync(Anywhere, default);
        List<IByteLink> dialled = [];
        for (int i = 0; i < Backlog; i++)
        {
            dialled.Add(await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default).AsTask().WaitAsync(Patience));
        }

        foreach (IByteLink connection in dialled)
        {
            await using IPendingConnection<IByteLink> pending = (await listener.AcceptAsync(default).AsTask().WaitAsync(Patience))!;
            Assert.Equal(connection.LocalAddress, pending.RemoteAddress);
            await connection.DisposeAsync();
        }
    }
}

/// <summary>Memory by the contract of transports.</summary>
public sealed class MemoryTransportContractTests : LinkTransportContract
{
    private readonly MemoryNetwork _network = new();

    protected override Multiaddress Anywhere { get; } = Multiaddress.Parse("/memory/0");

    protected override long MostHeld => (256 + 64) * Size.KiB; // the pipe's, and what one flush adds

    protected override ILinkTransport Create() => new MemoryTransport(_network, ThreadPoolScheduler.Instance);

    [Fact]
    public async Task Who_knocks_when_the_backlog_is_full_waits_and_may_give_up()
    {
        await using ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        for (int i = 0; i < 128; i++)
        {
            await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default);
        }

        using CancellationTokenSource source = new();
        Task<IByteLink> patient = Create().DialAsync(TransportDials.To(listener.Addresses[0]), default).AsTask();
        Task<IByteLink> impatient = Create().DialAsync(TransportDials.To(listener.Addresses[0]), source.Token).AsTask();
        Assert.False(patient.IsCompleted || impatient.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.WaitAsync(Patience));
        await using IPendingConnection<IByteLink> first = (await listener.AcceptAsync(default))!;
        await using IByteLink accepted = await patient.WaitAsync(Patience);
    }
}
