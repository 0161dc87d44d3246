using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;

namespace Libp2p.Tests.Host;

public sealed class NodeTelemetryTests
{
    [Fact]
    public async Task A_node_counts_what_it_serves_each_exchange_of_a_reused_stream_apart()
    {
        using MeterProbe probe = new();
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Metrics(probe).Handle(IAsk.Reused(OperationLimits.Default), new Asked(Task.CompletedTask)));
        await using P2PStream stream = await nodes.OpenAsync("/ask/1.0.0");

        for (int i = 0; i < 2; i++)
        {
            await stream.Output.WriteAsync("\u0002hi"u8.ToArray());
            await stream.Input.ReadExactlyAsync(3).WaitAsync(NodePair.Patience);
        }

        const string Call = "direction=inbound operation=Ask protocol=/ask/1.0.0";
        await Eventually.HoldsAsync(() => probe.Count("libp2p.call.duration", Call) == 2);
        Assert.Equal(2, probe.Sum("libp2p.call.started", Call));
        Assert.Equal(6, probe.Sum("libp2p.call.received", Call));
        Assert.Equal(6, probe.Sum("libp2p.call.sent", Call));
        Assert.Equal(0, probe.Count("libp2p.call.failed"));

        await stream.Output.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f });
        await Assert.ThrowsAsync<StreamResetException>(() => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        Assert.Equal(2, probe.Sum("libp2p.call.started")); // what never became a request is no call
    }

    [Fact]
    public async Task What_a_policy_refuses_is_counted()
    {
        using MeterProbe probe = new();
        BytesHandler guarded = new("/bytes/guarded", BytesHandler.EchoAsync, access: "nobody");
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Metrics(probe).Handle(guarded).Policy("nobody", static (_, _) => new(false)));
        await using P2PStream stream = await nodes.OpenAsync("/bytes/guarded");
        await Assert.ThrowsAsync<StreamResetException>(() => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal(1, probe.Sum("libp2p.call.refused", "policy=nobody protocol=/bytes/guarded"));
    }
}
