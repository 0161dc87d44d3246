using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Tests.Host;

/// <summary>What a handler's failure is at either end: an error for the operator, a code and a remedy for the caller.</summary>
public sealed class HandlerFailureTests
{
    private const int Failed = 1009;
    private const int Declared = 1031;

    [Theory]
    [InlineData("exception", Failed)]
    [InlineData("cancellation of its own", Failed)]
    [InlineData("file that is not there", Failed)]
    [InlineData("null", Failed)]
    [InlineData("reply over the limit", Failed)]
    [InlineData("declared exception", Declared)]
    public async Task The_operator_sees_what_the_handler_is_to_blame_for(string what, int logged)
    {
        using LogProbe log = new(LogLevel.Information);
        Errand errand = new() { OnRun = (_, _) => Fail(what) };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IErrand.Protocol, errand).Logging(log));
        IErrand client = nodes.Connection.Client(IErrand.Protocol);

        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(async () => await client.RunAsync("?"));

        await Eventually.HoldsAsync(() => log.Events.Any(told => told.Id == logged));
        (int _, string text) = Assert.Single(log.Events, told => told.Id is Failed or Declared);
        Assert.Contains("Run (/errand/1.0.0/run)", text, StringComparison.Ordinal);
        Assert.Contains($"{nodes.Dialer.PeerId}", text, StringComparison.Ordinal);
        if (what == "declared exception")
        {
            Assert.IsType<KeyNotFoundException>(thrown);
            return;
        }

        StreamResetException reset = Assert.IsType<StreamResetException>(thrown);
        Assert.Equal(what == "reply over the limit" ? ErrorCode.MessageTooLong : ErrorCode.HandlerFailed, reset.Reason.Code);
        Assert.StartsWith($"/errand/1.0.0/run: Run (peer {nodes.Listener.PeerId}): the remote reset the stream", reset.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_caller_gave_up_is_no_failure_of_the_handlers()
    {
        using LogProbe log = new(LogLevel.Information);
        TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Errand errand = new()
        {
            OnRun = async (_, context) =>
            {
                called.SetResult();
                try
                {
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    return "";
                }
                finally
                {
                    ended.SetResult();
                }
            },
        };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IErrand.Protocol, errand).Logging(log));
        using CancellationTokenSource source = new();
        Task call = nodes.Connection.Client(IErrand.Protocol).RunAsync("?", source.Token).AsTask();
        await called.Task.WaitAsync(NodePair.Patience);

        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(NodePair.Patience);
        await nodes.DisposeAsync();
        Assert.DoesNotContain(log.Events, told => told.Id is Failed or Declared);
    }

    [Fact]
    public async Task Parallel_calls_of_one_client_wait_for_the_places_that_the_responder_declares()
    {
        int running = 0;
        int most = 0;
        SemaphoreSlim release = new(0);
        Errand errand = new()
        {
            OnRun = async (errand, context) =>
            {
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await release.WaitAsync(context.CancellationToken);
                Interlocked.Decrement(ref running);
                return errand;
            },
        };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IErrand.Protocol, errand));
        IErrand client = nodes.Connection.Client(IErrand.Protocol);

        Task<string>[] calls = [.. Enumerable.Range(0, 9).Select(i => client.RunAsync($"{i}").AsTask())];
        await Eventually.HoldsAsync(() => Volatile.Read(ref running) == 8);
        Assert.Equal(1, Assert.Single(nodes.Dialer.GetState().Gates).Waiting);
        release.Release(9);

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), await Task.WhenAll(calls).WaitAsync(NodePair.Patience));
        Assert.InRange(most, 8, 9);
    }

    [Fact]
    public async Task A_missing_protocol_is_told_with_what_the_peer_supports_instead()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(new BytesHandler("/errand/0.9.0/run", static (_, _) => default)));
        await using P2PStream known = await nodes.OpenAsync("/errand/0.9.0/run");

        ProtocolNotSupportedException e = await Assert.ThrowsAsync<ProtocolNotSupportedException>(
            async () => await nodes.Connection.Client(IErrand.Protocol).RunAsync("?"));

        Assert.Equal(["/errand/1.0.0/run"], e.Offered.Select(id => id.Value));
        Assert.Contains("/errand/0.9.0/run", e.Supported.Select(id => id.Value));
        Assert.Contains($"Run (peer {nodes.Listener.PeerId})", e.Message, StringComparison.Ordinal);
        Assert.Contains("it supports /errand/0.9.0/run", e.Message, StringComparison.Ordinal);
    }

    private static async ValueTask<string> Fail(string what)
    {
        await Task.Yield();
        return what switch
        {
            "exception" => throw new InvalidOperationException("a bug"),
            "cancellation of its own" => throw new TaskCanceledException("the database took too long"),
            "file that is not there" => throw new FileNotFoundException("the file"),
            "declared exception" => throw new KeyNotFoundException("the key"),
            "null" => null!,
            _ => new string('x', 101),
        };
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (int seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }
}
