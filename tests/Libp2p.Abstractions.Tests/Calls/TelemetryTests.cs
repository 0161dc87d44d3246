using System.Diagnostics;
using Libp2p.Connections;
using Libp2p.Telemetry;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Tests.Calls;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_call_is_counted_and_timed_by_protocol_operation_and_direction()
    {
        using MeterProbe probe = new();
        await using InMemoryOpener opener = To(new NodeTelemetry(probe));

        await ITalk.Protocol.CreateClient(opener).AskAsync("hello");

        const string Call = "direction=outbound operation=Ask protocol=/talk/1.1.0/ask";
        Assert.Equal(1, probe.Sum("libp2p.call.started", Call));
        Assert.Equal(6, probe.Sum("libp2p.call.sent", Call));
        Assert.Equal(6, probe.Sum("libp2p.call.received", Call));
        Assert.Equal(1, probe.Count("libp2p.call.duration", Call));
        Assert.Equal(0, probe.Count("libp2p.call.failed"));
    }

    [Theory]
    [InlineData("reset", nameof(StreamResetException))]
    [InlineData("code", nameof(QuotaException))]
    [InlineData("garbage", nameof(ProtocolViolationException))]
    [InlineData("end", nameof(ProtocolViolationException))]
    [InlineData("unreachable", nameof(ConnectionClosedException))]
    public async Task A_failed_call_is_counted_by_what_its_caller_sees(string how, string error)
    {
        using MeterProbe probe = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            switch (how)
            {
                case "reset":
                    stream.Reset();
                    break;
                case "code":
                    stream.Reset(new ErrorCode(0x10001));
                    break;
                case "garbage":
                    await stream.SendAsync(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
                    break;
            }
        })
        {
            Telemetry = new NodeTelemetry(probe),
        };
        if (how == "unreachable")
        {
            opener.BeforeOpen = static _ => throw new ConnectionClosedException("Gone", new EndReason(EndedBy.Link, default, "Gone"));
        }

        await Assert.ThrowsAnyAsync<Exception>(async () => await IGuarded.Protocol.CreateClient(opener).AskAsync("?"));

        Assert.Equal(1, probe.Sum("libp2p.call.failed", $"direction=outbound error.type={error} operation=Ask protocol=/guarded/1.0.0/ask"));
        Assert.Equal(1, probe.Count("libp2p.call.duration"));
    }

    [Fact]
    public async Task Opened_streams_are_calls_until_they_are_disposed_of()
    {
        using MeterProbe probe = new();
        await using InMemoryOpener opener = To(new NodeTelemetry(probe));

        await using (MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync())
        {
            await writer.WriteAsync("a");
            Assert.Equal(2, probe.Sum("libp2p.call.sent"));
            Assert.Equal(0, probe.Count("libp2p.call.duration"));
            await writer.CompleteAsync();
        }

        Assert.Equal(1, probe.Count("libp2p.call.duration"));
        Assert.Equal(0, probe.Count("libp2p.call.failed"));
    }

    [Fact]
    public async Task Each_exchange_on_a_reused_stream_is_a_call()
    {
        using MeterProbe probe = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, new Talk());
        await using InMemoryOpener watched = new(_ => default) { Telemetry = new NodeTelemetry(probe) };
        IAgain client = IAgain.Protocol.CreateClient(new Watched(opener, watched.Telemetry!));

        await client.AskAsync("a");
        await client.AskAsync("b");

        Assert.Equal(2, probe.Sum("libp2p.call.started"));
        Assert.Equal(2, probe.Count("libp2p.call.duration"));
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_call_is_an_activity_below_its_callers()
    {
        using ActivitySource source = new(NodeTelemetry.Name);
        List<Activity> stopped = [];
        using ActivityListener listener = Listen(source, stopped);
        await using InMemoryOpener opener = To(new NodeTelemetry(activities: source));
        ITalk client = ITalk.Protocol.CreateClient(opener);
        using Activity outer = new Activity("outer").Start();

        await client.AskAsync("hello");
        await Assert.ThrowsAsync<LimitExceededException>(async () => await client.AskAsync(new string('x', 101)));
        MessageWriter<string> writer = await client.OpenPourAsync();
        using (Activity inner = new Activity("inner").Start())
        {
            await writer.CompleteAsync();
            await writer.DisposeAsync();
            Assert.Same(inner, Activity.Current);
        }

        Assert.Same(outer, Activity.Current);
        Assert.Equal(["Ask /talk/1.1.0/ask", "Ask /talk/1.1.0/ask", "Pour /talk/1.1.0/pour"], stopped.Select(activity => activity.OperationName));
        Assert.All(stopped, activity => Assert.Equal((outer.SpanId, ActivityKind.Client), (activity.ParentSpanId, activity.Kind)));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error, ActivityStatusCode.Unset], stopped.Select(activity => activity.Status));
        Assert.Equal(nameof(LimitExceededException), stopped[1].GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_call_is_a_log_event()
    {
        using LogProbe logs = new();
        await using InMemoryOpener opener = To(new NodeTelemetry(logging: logs));
        ITalk client = ITalk.Protocol.CreateClient(opener);

        await client.AskAsync("hello");
        await Assert.ThrowsAsync<LimitExceededException>(async () => await client.AskAsync(new string('x', 101)));

        Assert.Equal([1100, 1101], logs.Events.Select(logged => logged.Id));
        Assert.All(logs.Events, logged => Assert.StartsWith("Ask by /talk/1.1.0/ask (Outbound)", logged.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_listens_to_is_neither_measured_nor_allocated_for()
    {
        using ActivitySource source = new(NodeTelemetry.Name);
        using TestMeterFactory meters = new();
        using LogProbe logs = new(LogLevel.Information);
        NodeTelemetry telemetry = new(meters, source, logs);
        Operation<ITalk> ask = ITalk.Protocol.Operations[0];
        OperationSettings settings = ITalk.Protocol.Settings(ask);
        Assert.Null(CallMeter.For(telemetry, ask.Name, settings.Ids[0], Direction.Outbound, TimeProvider.System));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _ = CallMeter.For(telemetry, ask.Name, settings.Ids[0], Direction.Outbound, TimeProvider.System);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        await using InMemoryOpener opener = To(telemetry);
        await ITalk.Protocol.CreateClient(opener).AskAsync("hello");
        Assert.Empty(logs.Events);
    }

    private static InMemoryOpener To(NodeTelemetry telemetry)
    {
        IReadOnlyList<StreamHandler> handlers = ITalk.Protocol.CreateHandlers(new Talk());
        return new InMemoryOpener(stream => handlers.First(handler => handler.Ids.Contains(stream.Protocol)).HandleAsync(stream, default)) { Telemetry = telemetry };
    }

    private static ActivityListener Listen(ActivitySource source, List<Activity> stopped)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = heard => ReferenceEquals(heard, source),
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>The same opener, watched.</summary>
    private sealed class Watched(InMemoryOpener inner, NodeTelemetry telemetry) : IStreamOpener
    {
        public TimeProvider Time => inner.Time;

        public Scheduling.NodeScheduler Scheduler => inner.Scheduler;

        public Scheduling.IRandomSource Random => inner.Random;

        public NodeTelemetry? Telemetry => telemetry;

        public ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken) => inner.OpenStreamAsync(request, cancellationToken);

        public void Return(P2PStream stream, StreamRequest request) => inner.Return(stream, request);

        public bool TryRun(Func<CancellationToken, Task> work) => inner.TryRun(work);
    }
}
