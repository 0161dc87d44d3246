using Libp2p.Connections;
using Libp2p.Hosting.Tests.Support;
using Libp2p.TestKit.Scheduling;
using Libp2p.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Libp2p.Hosting.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task A_node_is_healthy_while_it_runs_and_says_what_it_does()
    {
        using IHost host = Checked(limit: 100);

        HealthReportEntry before = await CheckAsync(host);
        await host.StartAsync();
        HealthReportEntry running = await CheckAsync(host);
        string address = host.Node().Addresses[0].WithoutPeer().ToString();
        string peer = host.Node().PeerId.ToString();
        await host.StopAsync();
        HealthReportEntry after = await CheckAsync(host);

        Assert.Equal([HealthStatus.Unhealthy, HealthStatus.Healthy, HealthStatus.Unhealthy], [before.Status, running.Status, after.Status]);
        Assert.Equal(peer, running.Data["peer"]);
        Assert.Equal(address, running.Data["listening"]);
        Assert.Equal(0, running.Data["connections"]);
        Assert.Equal("The node is not running", after.Description);
    }

    [Fact]
    public async Task A_node_that_is_nearly_full_is_degraded_and_says_of_what()
    {
        using IHost host = Checked(limit: 1);
        await host.StartAsync();
        await using Libp2pNode other = await Libp2pNode.StartAsync(node => node.Listen(TestHost.Loopback));
        await host.Node().ConnectAsync(other.Addresses[0]);

        HealthReportEntry full = await CheckAsync(host);
        await host.StopAsync();

        Assert.Equal(HealthStatus.Degraded, full.Status);
        Assert.Equal("The node is nearly full: 1 of 1 connections", full.Description);
        Assert.Equal(1, full.Data["connections"]);
    }

    [Fact]
    public async Task A_node_that_listens_nowhere_any_more_although_it_was_told_to_is_unhealthy()
    {
        Dying transport = new();
        using IHost host = TestHost.Build(services => services
            .AddLibp2p(node => node.Listen("/memory/1").ConfigureNode((_, built) => built.Transport(_ => transport)))
            .AddHealthChecks().AddLibp2p());
        await host.StartAsync();
        HealthReportEntry listening = await CheckAsync(host);

        transport.Death.SetResult();
        await Eventually.HoldsAsync(() => host.Node().Addresses.Count == 0);
        HealthReportEntry deaf = await CheckAsync(host);
        await host.StopAsync();

        Assert.Equal([HealthStatus.Healthy, HealthStatus.Unhealthy], [listening.Status, deaf.Status]);
        Assert.Equal("The node listens nowhere, but was told to on /memory/1", deaf.Description);
        Assert.Equal(string.Empty, deaf.Data["listening"]);
    }

    private static IHost Checked(int limit) => TestHost.Build(services => services
        .AddLibp2p(node => node.Listen(TestHost.Loopback).Configure(options => options.Limits.Connections = limit))
        .AddHealthChecks().AddLibp2p());

    private static async Task<HealthReportEntry> CheckAsync(IHost host) =>
        Assert.Single((await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries, entry => entry.Key == "libp2p").Value;

    /// <summary>Listens until it dies.</summary>
    private sealed class Dying : ILinkTransport, ITransportListener<IByteLink>
    {
        public TaskCompletionSource Death { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "dying";

        public event Action? AddressesChanged
        {
            add { }
            remove { }
        }

        public IReadOnlyList<Multiaddress> Addresses { get; } = [Multiaddress.Parse("/memory/1")];

        public bool CanDial(Multiaddress address) => false;

        public bool CanListen(Multiaddress address) => true;

        public ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) => new(this);

        public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken)
        {
            await Death.Task.WaitAsync(cancellationToken);
            return null;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
