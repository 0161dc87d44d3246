using System.Buffers;
using System.Net.Sockets;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;

namespace Libp2p.Tests.Faults;

/// <summary>The ledger sees what is held: a baseline that is always kept would prove nothing.</summary>
[Collection(nameof(Alone))]
public sealed class LedgerTests
{
    [Fact]
    public void Arrays_timers_and_sockets_are_named_until_they_are_given_back()
    {
        CountingTime time = new();
        using ArrayPoolWatch arrays = ArrayPoolWatch.Start(thisThread: true);
        Ledger ledger = new() { Time = time, Arrays = arrays, Files = true };
        LedgerBalance baseline = ledger.Read();

        byte[] array = ArrayPool<byte>.Shared.Rent(3000);
        ITimer timer = time.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Socket? socket = OperatingSystem.IsLinux() ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) : null;
        string left = string.Join('\n', ledger.Read().Over(baseline));
        Assert.Contains("pooled arrays: 1, 0 before", left, StringComparison.Ordinal);
        Assert.Contains("timers: 1, 0 before", left, StringComparison.Ordinal);
        Assert.Equal(socket is not null, left.Contains("file descriptors: socket", StringComparison.Ordinal));
        Assert.Equal("4096 bytes", Assert.Single(arrays.Left));

        ArrayPool<byte>.Shared.Return(array);
        timer.Dispose();
        socket?.Dispose();
        ledger.MustBeAt(baseline);
    }

    [Fact]
    public async Task Connections_streams_and_tasks_of_a_node_are_named()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        Ledger ledger = new(nodes.Dialer);
        await using P2PStream stream = await nodes.OpenAsync("/bytes/echo");

        string left = string.Join('\n', ledger.Read().Over(new LedgerBalance(new Dictionary<string, long>())));

        Assert.Contains("node 0: outbound connections: 1, 0 before", left, StringComparison.Ordinal);
        Assert.Contains("node 0: outbound streams: 1, 0 before", left, StringComparison.Ordinal);
        Assert.Contains("node 0: tasks: ", left, StringComparison.Ordinal);
    }
}
