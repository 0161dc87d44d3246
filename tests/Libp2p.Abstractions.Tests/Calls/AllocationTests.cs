using System.IO.Pipelines;
using Libp2p.Muxers;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>What a message costs once a stream is open.</summary>
public sealed class AllocationTests
{
    // The text, and what each await costs on a queue. Without optimization each async method is an object besides.
#if DEBUG
    private const int BytesPerExchange = 2000;
#else
    private const int BytesPerExchange = 400;
#endif

    [Fact]
    public void A_reused_exchange_allocates_its_messages_and_nothing_that_grows()
    {
        QueueScheduler queue = new();
        InMemoryStreamPair pair = new();
        P2PStream inbound = new(pair.Responder, "/again/1.0.0/ask", null, TimeProvider.System);
        StreamHandler handler = IAgain.Protocol.CreateHandlers(new Talk())[0];
        Task serving = queue.Start(() => handler.HandleAsync(inbound, default).AsTask());
        byte[] request = Wire.Frame("0123456789");

        Measure(200);
        long first = Measure(200);
        long later = Measure(2000);

        Assert.False(serving.IsCompleted);
        Assert.InRange(later / 2000.0, 0, first / 200.0 * 1.05); // no more a message than at the start
        Assert.InRange(later / 2000.0, 0, BytesPerExchange);

        long Measure(int exchanges)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < exchanges; i++)
            {
                request.CopyTo(pair.Initiator.Output.GetSpan(request.Length));
                pair.Initiator.Output.Advance(request.Length);
                ValueTask<FlushResult> flushing = pair.Initiator.Output.FlushAsync();
                Assert.True(flushing.IsCompletedSuccessfully);
                queue.RunUntilIdle();
                Assert.True(pair.Initiator.Input.TryRead(out ReadResult read));
                pair.Initiator.Input.AdvanceTo(read.Buffer.End);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
