using Libp2p.Muxers;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>A handler's token is cancelled when its stream goes, before what it reads or writes fails: what it registered is called.</summary>
public sealed class HandlerToldTests
{
    [Theory]
    [InlineData("Sum")]
    [InlineData("Pour")]
    [InlineData("Chat")]
    [InlineData("Agree")]
    [InlineData("Pipe")]
    public async Task A_handler_that_waits_for_what_its_caller_sends_is_cancelled_before_it_sees_the_reset(string operation)
    {
        List<string> told = [];
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                await WatchAsync(context, async () => await messages.CountAsync());
                return "";
            },
            OnChat = (messages, context) => ChatAsync(messages, context),
            OnAgree = (dialogue, context) => new(WatchAsync(context, async () =>
            {
                while ((await dialogue.TryReceiveAsync()).HasMessage)
                {
                    // until it fails
                }
            })),
            OnPipe = (stream, context) => new(WatchAsync(context, stream.ReceiveAllAsync)),
        };
        ProtocolId id = Wire.Request(operation).Protocols[0];
        StreamHandler handler = ITalk.Protocol.CreateHandlers(talk).Single(handler => handler.Ids.Contains(id));
        InMemoryStreamPair pair = new();
        await using P2PStream stream = new(pair.Initiator, id, null, TimeProvider.System);
        await using P2PStream served = new(new ToldLate(pair.Responder), id, null, TimeProvider.System);
        Task serving = handler.HandleAsync(served, CancellationToken.None).AsTask();
        await stream.SendAsync(Wire.Frame("a"));

        stream.Reset(new ErrorCode(0x10001));

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => serving);
        Assert.Equal(new ErrorCode(0x10001), e.Reason.Code);
        Assert.Equal("cancelled", told[0]);

        async IAsyncEnumerable<string> ChatAsync(IAsyncEnumerable<string> messages, CallContext context)
        {
            await WatchAsync(context, async () => await messages.CountAsync());
            yield return "";
        }

        async Task WatchAsync(CallContext context, Func<Task> read)
        {
            await using CancellationTokenRegistration registration = context.CancellationToken.Register(() => told.Add("cancelled"));
            try
            {
                await read();
            }
            finally
            {
                told.Add("left");
            }
        }
    }

    /// <summary>A stream whose end is seen by who reads it, and by its token too late or never.</summary>
    private sealed class ToldLate(IMuxedStream inner) : DelegatingStream(inner)
    {
        public override CancellationToken Aborted => CancellationToken.None;
    }
}
