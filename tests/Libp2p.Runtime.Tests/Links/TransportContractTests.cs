using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.TestKit;
using Libp2p.Transports;
using Libp2p.Transports.Memory;
using Libp2p.Transports.Tcp;

namespace Libp2p.Tests.Links;

/// <summary>TCP by the contract of transports.</summary>
public sealed class TcpTransportContractTests : TransportContract
{
    protected override Multiaddress Anywhere { get; } = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    protected override long MostHeld => 24 * Size.MiB; // what Linux lets the buffers of both ends grow to, and some more

    protected override ITransport Create() => new TcpTransport();

    [Fact]
    public async Task As_many_as_the_backlog_says_are_connected_before_they_are_accepted()
    {
        const int Backlog = 20;
        DialRequest anyone = new() { ExpectedPeer = ExpectedPeer.Anyone };
        await using ITransportListener listener = await new TcpTransport(new TcpOptions { Backlog = Backlog }).ListenAsync(Anywhere, default);
        List<ITransportConnection> dialled = [];
        for (int i = 0; i < Backlog; i++)
        {
            dialled.Add(await Create().DialAsync(listener.Addresses[0], anyone, default).AsTask().WaitAsync(Patience));
        }

        foreach (ITransportConnection connection in dialled)
        {
            await using IPendingConnection pending = (await listener.AcceptAsync(default).AsTask().WaitAsync(Patience))!;
            Assert.Equal(connection.LocalAddress, pending.RemoteAddress);
            await connection.DisposeAsync();
        }
    }
}

/// <summary>Memory by the contract of transports.</summary>
public sealed class MemoryTransportContractTests : TransportContract
{
    private readonly MemoryNetwork _network = new();

    protected override Multiaddress Anywhere { get; } = Multiaddress.Parse("/memory/0");

    protected override long MostHeld => (256 + 64) * Size.KiB; // the pipe's, and what one flush adds

    protected override ITransport Create() => new MemoryTransport(_network, ThreadPoolScheduler.Instance);

    [Fact]
    public async Task Who_knocks_when_the_backlog_is_full_waits_and_may_give_up()
    {
        DialRequest anyone = new() { ExpectedPeer = ExpectedPeer.Anyone };
        await using ITransportListener listener = await Create().ListenAsync(Anywhere, default);
        for (int i = 0; i < 128; i++)
        {
            await Create().DialAsync(listener.Addresses[0], anyone, default);
        }

        using CancellationTokenSource source = new();
        Task<ITransportConnection> patient = Create().DialAsync(listener.Addresses[0], anyone, default).AsTask();
        Task<ITransportConnection> impatient = Create().DialAsync(listener.Addresses[0], anyone, source.Token).AsTask();
        Assert.False(patient.IsCompleted || impatient.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.WaitAsync(Patience));
        await using IPendingConnection first = (await listener.AcceptAsync(default))!;
        await using ITransportConnection accepted = await patient.WaitAsync(Patience);
    }
}
