using Libp2p.TestKit.Calls;
using Libp2p.Tests.Calls;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

#pragma warning disable CA2012 // what a mock is told to return is told by calling it

namespace Libp2p.Tests.Mocks;

/// <summary>A declared interface is an interface: NSubstitute mocks it as any other, as what one calls and as what serves.</summary>
public sealed class MockTests
{
    [Fact]
    public async Task A_mock_answers_calls()
    {
        IMocked mock = Substitute.For<IMocked>();
        mock.AskAsync("what", Arg.Any<CallContext>()).Returns("that");
        mock.MaybeAsync(Arg.Any<string>(), Arg.Any<CallContext>()).Returns((string?)null);
        mock.WatchAsync(Arg.Any<CallContext>()).Returns(Wire.Items("one", "two"));
        mock.PourAsync(Arg.Any<IAsyncEnumerable<string>>(), Arg.Any<CallContext>()).Throws(new InvalidOperationException());

        Assert.Equal("that", await mock.AskAsync("what"));
        Assert.Null(await mock.MaybeAsync("what"));
        Assert.Equal(["one", "two"], await mock.WatchAsync().ToListAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await mock.PourAsync(Wire.Items("one")));
        await mock.Received(1).AskAsync("what", Arg.Any<CallContext>());
    }

    [Fact]
    public async Task A_mock_opens_what_it_is_told_to()
    {
        await using P2PStream stream = await ((IMocked)Substitute.For<Mocked>()).OpenPipeAsync();
        IMocked mock = Substitute.For<IMocked>();
        mock.OpenPipeAsync(Arg.Any<CallContext>()).Returns(stream);

        Assert.Same(stream, await mock.OpenPipeAsync());
        await mock.DidNotReceive().PipeAsync(Arg.Any<P2PStream>(), Arg.Any<CallContext>());
    }

    [Fact]
    public async Task A_mock_of_a_class_runs_the_default_members_in_this_process()
    {
        TaskCompletionSource<List<string>> poured = new();
        IMocked mock = Substitute.For<Mocked>();
        mock.PipeAsync(Arg.Any<P2PStream>(), Arg.Any<CallContext>()).Returns(call => Mocked.EchoAsync(call.Arg<P2PStream>()));
        mock.PourAsync(Arg.Any<IAsyncEnumerable<string>>(), Arg.Any<CallContext>()).Returns(call => PourAsync(call.Arg<IAsyncEnumerable<string>>()));
        mock.AskAsync("whatwhat", Arg.Any<CallContext>()).Returns("that");

        await using P2PStream stream = await mock.OpenPipeAsync();
        await stream.SendAsync(1, 2);
        await stream.CloseWriteAsync();
        Assert.Equal([1, 2], await stream.ReceiveAllAsync());

        await using MessageWriter<string> writer = await mock.OpenPourAsync();
        await writer.WriteAsync("one");
        await writer.CompleteAsync();
        Assert.Equal(["one"], await poured.Task);

        Assert.Equal("that", await mock.AskTwiceAsync("what"));

        async ValueTask PourAsync(IAsyncEnumerable<string> messages) => poured.SetResult(await messages.ToListAsync());
    }

    [Fact]
    public async Task A_mock_serves_peers()
    {
        IMocked mock = Substitute.For<IMocked>();
        mock.AskAsync("what", Arg.Any<CallContext>()).Returns("that");
        await using InMemoryOpener opener = InMemoryOpener.To(IMocked.Protocol, mock);

        Assert.Equal("that", await IMocked.Protocol.CreateClient(opener).AskAsync("what"));
        await mock.Received(1).AskAsync("what", Arg.Is<CallContext>(context => context.Protocol != null));
    }

    /// <summary>The members without a body, for NSubstitute to fill in; those with one stay the interface's.</summary>
    public abstract class Mocked : IMocked
    {
        public static async ValueTask EchoAsync(P2PStream stream) => await stream.Input.CopyToAsync(stream.Output);

        public abstract ValueTask PipeAsync(P2PStream stream, CallContext context = default);

        public abstract ValueTask<string> AskAsync(string question, CallContext context = default);

        public abstract ValueTask<string?> MaybeAsync(string question, CallContext context = default);

        public abstract IAsyncEnumerable<string> WatchAsync(CallContext context = default);

        public abstract ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

        public abstract ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default);
    }
}
