using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Neither a caller's thread nor its ambient values are needed, seen or kept by what outlives its call.</summary>
public sealed class CallersContextTests
{
    [Theory]
    [InlineData("writer", true)]
    [InlineData("writer", false)]
    [InlineData("writer with a response", true)]
    [InlineData("writer per peer", true)]
    [InlineData("writer per peer", false)]
    [InlineData("dialogue", true)]
    [InlineData("dialogue", false)]
    public async Task What_is_held_is_used_from_a_thread_that_waits(string shape, bool completes)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk
        {
            OnAgree = static async (dialogue, context) =>
            {
                while ((await dialogue.TryReceiveAsync(context.CancellationToken)).HasMessage)
                {
                    // until its end
                }
            },
        });
        await using InMemoryOpener standing = InMemoryOpener.To<IStanding>(IStanding.Protocol, new Standing());
        TaskCompletionSource<Exception?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new Deaf());
            done.SetResult(Record.Exception(() => Use(ITalk.Protocol.CreateClient(opener), IStanding.Protocol.CreateClient(standing), shape, completes)));
        })
        { IsBackground = true };
        thread.Start();

        Assert.Null(await done.Task);
    }

    private static void Use(ITalk talk, IStanding standing, string shape, bool completes)
    {
        switch (shape)
        {
            case "writer with a response":
                MessageWriter<string, string> sum = Block(talk.OpenSumAsync());
                Block(sum.WriteAsync("a"));
                Assert.Equal("a", Block(sum.CompleteAsync()));
                Block(sum.DisposeAsync());
                break;
            case "dialogue":
                Dialogue<ReadOnlyMemory<byte>, string> dialogue = Block(talk.OpenAgreeAsync());
                Block(dialogue.SendAsync("a"));
                if (completes)
                {
                    Block(dialogue.CompleteAsync());
                    Assert.False(Block(dialogue.TryReceiveAsync()).HasMessage);
                }

                Block(dialogue.DisposeAsync());
                break;
            default:
                MessageWriter<string> writer = Block(shape == "writer" ? talk.OpenPourAsync() : standing.OpenPourAsync());
                Block(writer.WriteAsync("a"));
                if (completes)
                {
                    Block(writer.CompleteAsync());
                }

                Block(writer.DisposeAsync());
                break;
        }
    }

    private static T Block<T>(ValueTask<T> call)
    {
        Task<T> task = call.AsTask();
        Assert.True(task.Wait(TimeSpan.FromSeconds(10)), "It waits for the thread that waits for it");
        return task.Result;
    }

    private static void Block(ValueTask call) =>
        Assert.True(call.AsTask().Wait(TimeSpan.FromSeconds(10)), "It waits for the thread that waits for it");

    [Fact]
    public async Task A_stream_that_is_opened_again_sees_nothing_of_who_opened_the_first()
    {
        ManualClock clock = new();
        AsyncLocal<string?> ambient = new();
        List<string?> seen = [];
        await using InMemoryOpener opener = new(
            static async stream =>
            {
                await stream.ReceiveAsync(2);
                stream.Reset();
            },
            clock);
        ambient.Value = "a request's";
        MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(Hello);
        ambient.Value = null;

        await Eventually.HoldsAsync(() =>
        {
            if (clock.NextDue is { } due && due < TimeSpan.FromSeconds(1))
            {
                clock.Advance(due); // the back-off
            }

            return opener.Opened.Count > 1;
        });
        await writer.DisposeAsync();

        Assert.Null(seen[1]);

        IEnumerable<string> Hello(ProtocolId agreed)
        {
            seen.Add(ambient.Value);
            yield return "a";
        }
    }

    private sealed class Deaf : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
