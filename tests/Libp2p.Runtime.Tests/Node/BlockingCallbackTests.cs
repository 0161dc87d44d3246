using Libp2p.Connections;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

/// <summary>Application code that is told of something and does not return holds up neither the node nor who else is told.</summary>
public sealed class BlockingCallbackTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _isCalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }

    [Fact]
    public async Task A_subscriber_that_blocks_misses_events_and_holds_up_nobody()
    {
        Libp2pNode node = await Libp2pNode.StartAsync(_ => { });
        using IEventSubscription<ProtocolsChanged> blocked = node.Events.Subscribe<ProtocolsChanged>(capacity: 4);
        using IEventSubscription<ProtocolsChanged> other = node.Events.Subscribe<ProtocolsChanged>();
        Task blocking = ReadAsync(blocked, Block);
        await _isCalled.Task.WaitAsync(NodePair.Patience);

        int told = 0;
        Task reading = ReadAsync(other, () => told++);
        for (int i = 0; i < 20; i++)
        {
            node.Events.Publish(new ProtocolsChanged([]));
        }

        await Eventually.HoldsAsync(() => told == 21); // the state, and what was published
        Assert.Equal(16, blocked.Missed);
        await node.StopAsync().WaitAsync(NodePair.Patience);
        await reading.WaitAsync(NodePair.Patience);
        Assert.False(blocking.IsCompleted);
        _release.Set();
        await blocking.WaitAsync(NodePair.Patience);
    }

    [Theory]
    [InlineData("call")]
    [InlineData("stream")]
    public async Task A_callback_on_a_token_that_does_not_return_does_not_hold_up_the_end_of_its_node(string token)
    {
        int cancelled = 0, served = 0;
        BytesHandler handler = new("/bytes/wait", async (stream, cancellation) =>
        {
            await stream.Output.FlushAsync(cancellation); // the protocol is agreed
            TaskCompletionSource ends = new(TaskCreationOptions.RunContinuationsAsynchronously);
            bool blocks = Interlocked.Increment(ref served) == 2; // the last one is told first
            using CancellationTokenRegistration told = (token == "call" ? cancellation : stream.Aborted).Register(Tell);
            await ends.Task;

            void Tell()
            {
                if (blocks)
                {
                    Block();
                }

                Interlocked.Increment(ref cancelled);
                ends.TrySetResult();
            }
        });
        Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Time(_clock).Listen("/ip4/127.0.0.1/tcp/0").Handle(handler));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        IPeerConnection first = await dialer.ConnectAsync(listener.Addresses[0]);
        await using P2PStream one = await first.OpenStreamAsync(["/bytes/wait"]);
        await Eventually.HoldsAsync(() => Volatile.Read(ref served) == 1);
        await using P2PStream two = await first.OpenStreamAsync(["/bytes/wait"]);
        await Eventually.HoldsAsync(() => Volatile.Read(ref served) == 2);

        Task ending = listener.DisposeAsync().AsTask();
        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return ending.IsCompleted;
        });
        await ending;

        Assert.True(_isCalled.Task.IsCompleted);
        Assert.NotEmpty(listener.GetState().Abandoned);
        _release.Set();
        await Eventually.HoldsAsync(() => listener.GetState() is { Abandoned.Count: 0 } state && state.Usage == default && Volatile.Read(ref cancelled) >= 2);
    }

    private static async Task ReadAsync<TEvent>(IEventSubscription<TEvent> subscription, Action told)
        where TEvent : NodeEvent
    {
        await Task.Yield();
        await foreach (TEvent _ in subscription)
        {
            told();
        }
    }

    private void Block()
    {
        _isCalled.TrySetResult();
        _release.Wait();
    }
}
