using Libp2p.TestKit.Calls;
using Libp2p.Tests.Calls;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

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
        await using P2PStream stream = await new Piped().OpenPipeAsync();
        IMocked mock = Substitute.For<IMocked>();
        mock.OpenPipeAsync(Arg.Any<CallContext>()).Returns(stream);

        Assert.Same(stream, await mock.OpenPipeAsync());
        await mock.DidNotReceive().PipeAsync(Arg.Any<P2PStream>(), Arg.Any<CallContext>());
    }

    [Fact]
    public async Task A_mock_that_calls_the_default_members_serves_them_in_this_process()
    {
        IMocked mock = Substitute.For<IMocked>();
        mock.When(it => it.OpenPipeAsync(Arg.Any<CallContext>())).CallBase();
        mock.When(it => it.OpenPourAsync(Arg.Any<CallContext>())).CallBase();
        mock.When(it => it.AskTwiceAsync(Arg.Any<string>())).CallBase();
        mock.PipeAsync(Arg.Any<P2PStream>(), Arg.Any<CallContext>()).Returns(call => Piped.EchoAsync(call.Arg<P2PStream>()));
        List<string> poured = [];
        mock.PourAsync(Arg.Any<IAsyncEnumerable<string>>(), Arg.Any<CallContext>()).Returns(async call =>
        {
            poured.AddRange(await call.Arg<IAsyncEnumerable<string>>().ToListAsync());
        });
        mock.AskAsync("whatwhat", Arg.Any<CallContext>()).Returns("that");

        await using P2PStream stream = await mock.OpenPipeAsync();
        await stream.SendAsync(1, 2);
        await stream.CloseWriteAsync();
        Assert.Equal([1, 2], await stream.ReceiveAllAsync());

        await using MessageWriter<string> writer = await mock.OpenPourAsync();
        await writer.WriteAsync("one");
        await writer.CompleteAsync();
        Assert.Equal(["one"], poured);

        Assert.Equal("that", await mock.AskTwiceAsync("what"));
    }

    [Fact]
    public async Task A_mock_serves_peers()
    {
        IMocked mock = Substitute.For<IMocked>();
        mock.AskAsync("what", Arg.Any<CallContext>()).Returns("that");
        await using InMemoryOpener opener = InMemoryOpener.To(IMocked.Protocol, mock);

        Assert.Equal("that", await IMocked.Protocol.CreateClient(opener).AskAsync("what"));
        await mock.Received(1).AskAsync("what", Arg.Is<CallContext>(context => context.Protocol == IMocked.Protocol.Operations[0].Ids[0]));
    }

    private sealed class Piped : IMocked
    {
        public static async ValueTask EchoAsync(P2PStream stream) => await stream.Input.CopyToAsync(stream.Output);

        public ValueTask PipeAsync(P2PStream stream, CallContext context = default) => EchoAsync(stream);

        public ValueTask<string> AskAsync(string question, CallContext context = default) => throw new NotSupportedException();

        public ValueTask<string?> MaybeAsync(string question, CallContext context = default) => throw new NotSupportedException();

        public IAsyncEnumerable<string> WatchAsync(CallContext context = default) => throw new NotSupportedException();

        public ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default) => throw new NotSupportedException();

        public ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default) => throw new NotSupportedException();
    }
}
