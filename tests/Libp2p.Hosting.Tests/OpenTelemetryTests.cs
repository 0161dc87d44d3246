using System.Collections.Concurrent;
using System.Diagnostics;
using Libp2p.Hosting.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Libp2p.Hosting.Tests;

public sealed class OpenTelemetryTests
{
    [Fact]
    public async Task OpenTelemetry_collects_what_a_hosts_node_measures_and_traces()
    {
        using Names<Metric> metrics = new(metric => metric.Name);
        using Names<Activity> activities = new(activity => activity.OperationName);
        using BaseExportingMetricReader reader = new(metrics);
        using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter("Libp2p").AddReader(reader).Build();
        using SimpleActivityExportProcessor processor = new(activities);
        using TracerProvider tracers = Sdk.CreateTracerProviderBuilder().AddSource("Libp2p").AddProcessor(processor).Build();
        using IHost host = TestHost.Greeting(ServiceLifetime.Scoped);
        await host.StartAsync();
        await using Libp2pNode caller = await Libp2pNode.StartAsync(_ => { });

        await (await caller.ClientAsync(host)).GreetAsync("you");
        meters.ForceFlush();
        await host.StopAsync();

        Assert.Superset(
            new HashSet<string> { "libp2p.connection.opened", "libp2p.connection.active", "libp2p.handshake.duration", "libp2p.stream.opened", "libp2p.transport.io" },
            metrics.Seen);
        Assert.Superset(new HashSet<string> { "dial", "upgrade" }, activities.Seen);
    }

    private sealed class Names<T>(Func<T, string> name) : BaseExporter<T>
        where T : class
    {
        private readonly ConcurrentDictionary<string, bool> _seen = new();

        public HashSet<string> Seen => [.. _seen.Keys];

        public override ExportResult Export(in Batch<T> batch)
        {
            foreach (T item in batch)
            {
                _seen[name(item)] = true;
            }

            return ExportResult.Success;
        }
    }
}
