using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Listening;
using Libp2p.Scheduling;
using Libp2p.TestKit;
using Libp2p.Transports;
using Libp2p.Transports.Tcp;

namespace Libp2p.Tests.Tcp;

public sealed class TcpTransportTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0")]
    [InlineData("/ip6/::1/tcp/0")]
    public async Task Both_ends_are_set_up_alike_and_know_each_other(string address)
    {
        TcpTransport transport = Create();
        await using ITransportListener<IByteLink> listener = await transport.ListenAsync(Multiaddress.Parse(address), default);
        (TcpLink dialled, TcpLink accepted) = await ConnectAsync(transport, listener, listener.Addresses[0]);

        foreach (TcpLink link in new[] { dialled, accepted })
        {
            Assert.True(link.Socket.NoDelay);
            Assert.NotEqual(0, (int)link.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
            Assert.Equal(30, (int)link.Socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
        }

        Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress);
        Assert.Equal(dialled.RemoteAddress, accepted.LocalAddress);
        await dialled.DisposeAsync();
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task The_two_families_share_a_port()
    {
        TcpTransport transport = Create();
        await using ITransportListener<IByteLink> six = await transport.ListenAsync(Multiaddress.Parse("/ip6/::/tcp/0"), default);
        await using ITransportListener<IByteLink> four = await transport.ListenAsync(Multiaddress.Parse($"/ip4/0.0.0.0/tcp/{PortOf(six)}"), default);

        Assert.All(six.Addresses, address => Assert.Equal(MultiaddressCode.Ip6, address[0].Code));
        Assert.All(four.Addresses, address => Assert.Equal(MultiaddressCode.Ip4, address[0].Code));
        Assert.NotEmpty(four.Addresses);
    }

    [Fact]
    public async Task A_socket_for_both_families_tells_each_remote_as_what_it_is()
    {
        TcpTransport transport = Create(new TcpOptions { DualStack = true });
        await using ITransportListener<IByteLink> listener = await transport.ListenAsync(Multiaddress.Parse("/ip6/::/tcp/0"), default);

        foreach (string address in new[] { $"/ip4/127.0.0.1/tcp/{PortOf(listener)}", $"/ip6/::1/tcp/{PortOf(listener)}" })
        {
            Assert.Contains(Multiaddress.Parse(address), listener.Addresses);
            (TcpLink dialled, TcpLink accepted) = await ConnectAsync(transport, listener, Multiaddress.Parse(address));
            Assert.Equal(Multiaddress.Parse(address), accepted.LocalAddress);
            Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress);
            await dialled.DisposeAsync();
            await accepted.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0")]
    [InlineData("/ip4/0.0.0.0/tcp/0")]
    [InlineData("/ip6/::1/tcp/0")]
    public async Task A_dial_comes_from_the_port_that_is_listened_on_if_it_is_asked_to(string own)
    {
        TcpTransport transport = Create();
        await using ITransportListener<IByteLink> ours = await transport.ListenAsync(Multiaddress.Parse(own), default);
        string loopback = own.StartsWith("/ip6", StringComparison.Ordinal) ? "/ip6/::1/tcp/0" : "/ip4/127.0.0.1/tcp/0";
        await using ITransportListener<IByteLink> theirs = await Create().ListenAsync(Multiaddress.Parse(loopback), default);

        (TcpLink dialled, TcpLink accepted) = await ConnectAsync(transport, theirs, theirs.Addresses[0], SourcePort.Reuse);
        (TcpLink second, TcpLink acceptedSecond) = await ConnectAsync(transport, theirs, theirs.Addresses[0], SourcePort.Reuse); // the pair of ports is taken
        (TcpLink fresh, TcpLink acceptedFresh) = await ConnectAsync(transport, theirs, theirs.Addresses[0]);

        Assert.Equal(PortOf(ours), PortOf(accepted.RemoteAddress));
        Assert.NotEqual(PortOf(ours), PortOf(acceptedSecond.RemoteAddress));
        Assert.NotEqual(PortOf(ours), PortOf(acceptedFresh.RemoteAddress));
        await second.Output.WriteAsync(new byte[] { 7 });
        Assert.Equal([7], await acceptedSecond.Input.ReadExactlyAsync(1).WaitAsync(s_patience));
        foreach (TcpLink link in new[] { dialled, accepted, second, acceptedSecond, fresh, acceptedFresh })
        {
            await link.DisposeAsync();
        }
    }

    [Fact]
    public async Task Without_a_port_to_reuse_a_dial_takes_a_fresh_one()
    {
        TcpTransport transport = Create();
        await using ITransportListener<IByteLink> theirs = await Create().ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"), default);

        (TcpLink dialled, TcpLink accepted) = await ConnectAsync(transport, theirs, theirs.Addresses[0], SourcePort.Reuse);

        Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress);
        await dialled.DisposeAsync();
        await accepted.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_port_that_somebody_listens_on_is_refused_although_ports_are_shared(bool shares)
    {
        TcpOptions options = new() { ShareListeningPort = shares };
        await using ITransportListener<IByteLink> first = await Create(options).ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"), default);

        IOException refused = await Assert.ThrowsAsync<IOException>(() => Create(options).ListenAsync(first.Addresses[0], default).AsTask());

        Assert.Contains(first.Addresses[0].ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_can_be_listened_on_again_at_once()
    {
        TcpTransport transport = Create();
        ITransportListener<IByteLink> listener = await transport.ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"), default);
        Multiaddress address = listener.Addresses[0];
        (TcpLink dialled, TcpLink accepted) = await ConnectAsync(transport, listener, address);
        await listener.DisposeAsync();

        await using ITransportListener<IByteLink> again = await transport.ListenAsync(address, default);
        Assert.Null(await listener.AcceptAsync(default));
        await accepted.DisposeAsync();
        await dialled.DisposeAsync();
    }

    [Fact]
    public async Task A_refused_dial_says_so()
    {
        ITransportListener<IByteLink> listener = await Create().ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"), default);
        await listener.DisposeAsync();

        IOException refused = await Assert.ThrowsAsync<IOException>(() => Create().DialAsync(TransportDials.To(listener.Addresses[0]), default).AsTask());

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.InnerException).SocketErrorCode);
    }

    [Theory]
    [InlineData("Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n", 1024, 512)]
    [InlineData("Max open files            20000                20000                files", 20000, 1024)]
    [InlineData("Max open files            unlimited            unlimited            files", int.MaxValue, 1024)]
    [InlineData("Max open files            20                   20                   files", 20, 16)]
    [InlineData("Max processes 1 1 processes", 4096, 1024)]
    public void The_connections_of_a_node_leave_half_of_the_files_to_others(string limits, int files, int connections)
    {
        Assert.Equal(files, OpenFiles.Parse(limits));
        Assert.Equal(connections, OpenFiles.ConnectionsFor(files));
        Assert.Equal(OpenFiles.ConnectionsFor(OpenFiles.Limit), new ResourceLimits().Connections);
    }

    private static TcpTransport Create(TcpOptions? options = null) => new(new NetworkInterfaces(new NodeSeams(TimeProvider.System, CryptoRandomSource.Instance, ThreadPoolScheduler.Instance)), options);

    private static async Task<(TcpLink Dialled, TcpLink Accepted)> ConnectAsync(
        TcpTransport dialer, ITransportListener<IByteLink> listener, Multiaddress address, SourcePort from = SourcePort.Default)
    {
        Task<IPendingConnection<IByteLink>?> accepting = listener.AcceptAsync(default).AsTask();
        IByteLink dialled = await dialer.DialAsync(TransportDials.To(address, from), default);
        await using IPendingConnection<IByteLink>? pending = await accepting.WaitAsync(s_patience);
        return ((TcpLink)dialled, (TcpLink)await pending!.AcceptAsync(TransportDials.AdmitsAll, default));
    }

    private static int PortOf(ITransportListener<IByteLink> listener) => PortOf(listener.Addresses[0]);

    private static int PortOf(Multiaddress address) => address.TryGetIPEndPoint(out IPEndPoint? endPoint) ? endPoint.Port : 0;
}
