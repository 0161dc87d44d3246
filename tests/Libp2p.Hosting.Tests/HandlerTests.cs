using Libp2p.Hosting.Tests.Support;
using Libp2p.TestKit.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Libp2p.Hosting.Tests;

public sealed class HandlerTests
{
    [Fact]
    public async Task A_scoped_handler_has_a_scope_per_call_which_ends_with_it()
    {
        await using Served served = await Served.StartAsync(ServiceLifetime.Scoped);

        string[] greetings = [await served.Greet.GreetAsync("a"), await served.Greet.GreetAsync("b")];

        Assert.Equal(["hello a from 1", "hello b from 2"], greetings);
        await Eventually.HoldsAsync(() => served.Sessions.Ended == 2);
    }

    [Fact]
    public async Task A_singleton_serves_all_calls_and_ends_with_the_host()
    {
        IHost host = TestHost.Build(services => services
            .AddSingleton(_ => new Session(new Sessions()))
            .AddLibp2p(node => node.Listen(TestHost.Loopback).Handle<IGreet, Greeter>(IGreet.Protocol)));
        await host.StartAsync();
        await using (Served served = await Served.OfAsync(host))
        {
            string[] greetings = [await served.Greet.GreetAsync("a"), await served.Greet.GreetAsync("b")];

            Assert.Equal(["hello a from 1", "hello b from 1"], greetings);
        }
    }

    [Fact]
    public async Task The_scope_of_a_stream_lives_until_the_stream_has_ended()
    {
        await using Served served = await Served.StartAsync(ServiceLifetime.Scoped);

        await using (IAsyncEnumerator<string> words = served.Greet.RepeatAsync("word").GetAsyncEnumerator())
        {
            Assert.True(await words.MoveNextAsync().AsTask().WaitAsync(TestHost.Patience));
            Assert.Equal("word from 1", words.Current);
            Assert.Equal(0, served.Sessions.Ended);
        }

        await Eventually.HoldsAsync(() => served.Sessions.Ended == 1); // leaving the enumeration resets the stream
    }

    [Fact]
    public async Task The_scope_of_a_call_that_its_caller_cancels_ends()
    {
        await using Served served = await Served.StartAsync(ServiceLifetime.Scoped);
        using CancellationTokenSource patience = new();

        Task<string> call = served.Greet.GreetAsync("wait", patience.Token).AsTask();
        await served.Gate.Reached.Task.WaitAsync(TestHost.Patience);
        Assert.Equal(0, served.Sessions.Ended);
        patience.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TestHost.Patience));
        await Eventually.HoldsAsync(() => served.Sessions.Ended == 1);
    }

    [Fact]
    public async Task The_scope_of_a_call_that_fails_ends()
    {
        await using Served served = await Served.StartAsync(ServiceLifetime.Scoped);

        await Assert.ThrowsAsync<StreamResetException>(() => served.Greet.GreetAsync("fail").AsTask());

        await Eventually.HoldsAsync(() => served.Sessions.Ended == 1);
        Assert.Equal("hello again from 2", await served.Greet.GreetAsync("again"));
    }

    [Fact]
    public async Task What_was_made_for_a_scoped_handler_that_cannot_be_made_ends()
    {
        IHost host = TestHost.Build(services => services.AddLibp2p(node => node
            .Listen(TestHost.Loopback).Handle<IGreet, Unmakable>(IGreet.Protocol, ServiceLifetime.Scoped)));
        await host.StartAsync();
        await using Served served = await Served.OfAsync(host);

        await Assert.ThrowsAsync<StreamResetException>(() => served.Greet.GreetAsync("you").AsTask());

        await Eventually.HoldsAsync(() => served.Sessions is { Begun: 1, Ended: 1 });
    }

    [Fact]
    public async Task A_singleton_that_cannot_be_made_fails_the_start()
    {
        using IHost host = TestHost.Build(services => services
            .AddSingleton(_ => new Session(new Sessions()))
            .AddLibp2p(node => node.Listen(TestHost.Loopback).Handle<IGreet, Unmakable>(IGreet.Protocol)));

        InvalidOperationException failed = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Equal("session 1 has no database", failed.Message);
    }

    [Fact]
    public void A_handler_that_is_registered_with_another_lifetime_is_refused()
    {
        ServiceCollection services = new();
        services.AddScoped<Greeter>();

        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(
            () => services.AddLibp2p(node => node.Handle<IGreet, Greeter>(IGreet.Protocol)));

        Assert.Contains("is registered as Scoped", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => services.AddLibp2p(node => node.Handle<IGreet, Greeter>(IGreet.Protocol, ServiceLifetime.Transient)));
    }

    [Fact]
    public async Task Remote_clients_do_not_come_from_the_container()
    {
        await using Served served = await Served.StartAsync(ServiceLifetime.Scoped);

        Assert.Null(served.Host.Services.GetService<IGreet>());
    }

    /// <summary>A host that runs, and a node that calls it.</summary>
    private sealed class Served(IHost host, Libp2pNode caller, IGreet greet) : IAsyncDisposable
    {
        public IHost Host { get; } = host;

        public IGreet Greet { get; } = greet;

        public Sessions Sessions { get; } = host.Services.GetRequiredService<Sessions>();

        public Gate Gate { get; } = host.Services.GetRequiredService<Gate>();

        public static async Task<Served> StartAsync(ServiceLifetime lifetime)
        {
            IHost host = TestHost.Greeting(lifetime);
            await host.StartAsync();
            return await OfAsync(host);
        }

        public static async Task<Served> OfAsync(IHost host)
        {
            Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });
            return new Served(host, caller, await caller.ClientAsync(host));
        }

        public async ValueTask DisposeAsync()
        {
            await caller.DisposeAsync();
            await Host.StopAsync();
            Host.Dispose();
        }
    }
}
