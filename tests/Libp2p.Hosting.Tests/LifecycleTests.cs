using Libp2p.Connections;
using Libp2p.Hosting.Tests.Support;
using Libp2p.TestKit.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Libp2p.Hosting.Tests;

public sealed class LifecycleTests
{
    [Fact]
    public async Task The_node_starts_and_ends_with_its_host()
    {
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped);
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });
        IGreet greet = await caller.ClientAsync(host);
        IPeerConnection connection = caller.Connections[0];

        string greeting = await greet.GreetAsync("you");
        await host.StopAsync();

        Assert.Equal("hello you from 1", greeting);
        EndReason reason = await connection.Completion.WaitAsync(TestHost.Patience);
        Assert.Equal(EndedBy.Remote, reason.By);
        await Assert.ThrowsAsync<DialException>(() => caller.ConnectAsync(connection.RemoteAddress.WithPeer(connection.RemotePeer)).AsTask());
    }

    [Fact]
    public async Task Two_hosts_in_one_process_are_two_nodes_that_can_call_each_other()
    {
        using IHost one = TestHost.Greeting(ServiceLifetime.Scoped);
        using IHost two = TestHost.Greeting(ServiceLifetime.Scoped);
        await one.StartAsync();
        await two.StartAsync();

        string there = await (await one.Node().ClientAsync(two)).GreetAsync("one");
        string back = await (await two.Node().ClientAsync(one)).GreetAsync("two");

        Assert.Equal(["hello one from 1", "hello two from 1"], [there, back]);
        Assert.NotEqual(one.Node().PeerId, two.Node().PeerId);
        await one.StopAsync();
        await two.StopAsync();
    }

    [Fact]
    public async Task Before_the_start_and_after_the_end_there_is_no_node_and_the_error_says_so()
    {
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped);
        Libp2pHost libp2p = host.Services.GetRequiredService<Libp2pHost>();
        Task<Libp2pNode> started = libp2p.WaitForStartAsync();

        InvalidOperationException early = Assert.Throws<InvalidOperationException>(host.Node);
        Assert.False(started.IsCompleted);
        await host.StartAsync();
        Assert.Same(host.Node(), await started);
        Assert.NotEmpty(libp2p.Node.Addresses);
        await host.StopAsync();

        Assert.Contains("inject Libp2pHost", early.Message, StringComparison.Ordinal);
        Assert.Contains("has ended with its host", Assert.Throws<InvalidOperationException>(() => libp2p.Node).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_start_fails_the_start_of_its_host_and_leaves_nothing_behind()
    {
        await using Libp2pNode other = await Libp2pNode.StartAsync(node => node.Listen(TestHost.Loopback));
        string taken = other.Addresses[0].WithoutPeer().ToString();
        using IHost host = TestHost.Build(services => services.AddLibp2p(node => node.Listen(TestHost.Loopback).Listen(taken)));
        Libp2pHost libp2p = host.Services.GetRequiredService<Libp2pHost>();

        await Assert.ThrowsAnyAsync<IOException>(() => host.StartAsync());

        InvalidOperationException failed = await Assert.ThrowsAsync<InvalidOperationException>(() => libp2p.WaitForStartAsync());
        Assert.Contains("failed to start", failed.Message, StringComparison.Ordinal);
        Assert.Null(libp2p.NodeOrNull);
    }

    [Fact]
    public async Task A_host_that_is_disposed_of_without_a_stop_ends_its_node()
    {
        IHost host = TestHost.Greeting(ServiceLifetime.Scoped);
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });
        IPeerConnection connection = await caller.ConnectAsync(host.Node().Addresses[0]);
        await Eventually.HoldsAsync(() => host.Node().Connections.Count == 1); // it says goodbye on what it has, and drops a handshake without a word

        await ((IAsyncDisposable)host).DisposeAsync();

        Assert.Equal(EndedBy.Remote, (await connection.Completion.WaitAsync(TestHost.Patience)).By);
    }

    [Fact]
    public async Task A_call_that_is_being_served_ends_in_order_when_the_host_stops_while_a_new_one_is_refused()
    {
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped);
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });
        IGreet greet = await caller.ClientAsync(host);
        Gate gate = host.Services.GetRequiredService<Gate>();

        Task<string> call = greet.GreetAsync("wait").AsTask();
        await gate.Reached.Task.WaitAsync(TestHost.Patience);
        Task stopping = host.StopAsync();
        Libp2pException refused = await Assert.ThrowsAnyAsync<Libp2pException>(() => greet.GreetAsync("late").AsTask());
        Assert.False(stopping.IsCompleted);
        gate.Open.SetResult();

        Assert.Equal("hello wait from 1", await call.WaitAsync(TestHost.Patience));
        await stopping.WaitAsync(TestHost.Patience);
        Assert.Equal(EndedBy.Remote, refused.Reason.By);
    }

    [Fact]
    public async Task A_call_that_outlasts_the_time_for_draining_is_cancelled()
    {
        ManualClock clock = new();
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped, services => services.AddSingleton<TimeProvider>(clock));
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });
        IGreet greet = await caller.ClientAsync(host);
        Gate gate = host.Services.GetRequiredService<Gate>();

        Task<string> call = greet.GreetAsync("wait").AsTask();
        await gate.Reached.Task.WaitAsync(TestHost.Patience);
        Task stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        clock.Advance(new Libp2pOptions().DrainTimeout);

        await Assert.ThrowsAnyAsync<Libp2pException>(() => call.WaitAsync(TestHost.Patience));
        await stopping.WaitAsync(TestHost.Patience);
        Assert.Equal(1, host.Services.GetRequiredService<Sessions>().Ended);
        Assert.Contains(host.Services.GetRequiredService<LogLines>().All, line => line.Contains("draining is over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clock_and_logs_are_the_containers()
    {
        ManualClock clock = new();
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped, services => services.AddSingleton<TimeProvider>(clock));
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(node => node.Listen(TestHost.Loopback));

        IPeerConnection connection = await host.Node().ConnectAsync(caller.Addresses[0]);

        clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(7), connection.Age);
        Assert.Contains(host.Services.GetRequiredService<LogLines>().All, line => line.StartsWith("Information: Listening on", StringComparison.Ordinal));
        await host.StopAsync();
    }
}
