using System.Globalization;
using Libp2p.Limits;
using Libp2p.Node.State;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Libp2p.Hosting;

/// <summary>
/// Tells whether the host's node does its work: it runs, it listens where it was told to, and there is room in its ceilings. The data
/// are those of its state.
/// </summary>
internal sealed class Libp2pHealthCheck(Libp2pHost host, IOptions<Libp2pOptions> options) : IHealthCheck
{
    /// <summary>Of a ceiling: above it the node is degraded, since it will soon refuse.</summary>
    private const double Crowded = 0.9;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthStatus failure = context.Registration.FailureStatus;
        if (host.NodeOrNull is not { } node)
        {
            return Task.FromResult(new HealthCheckResult(failure, "The node is not running"));
        }

        NodeState state = node.GetState();
        Dictionary<string, object> data = new()
        {
            ["peer"] = state.Self.ToString(),
            ["listening"] = string.Join(", ", state.Listening),
            ["connections"] = state.Connections.Count,
            ["streams"] = state.Usage.InboundStreams + state.Usage.OutboundStreams,
            ["memory"] = state.Usage.Memory,
        };
        if (options.Value.Listen.Count > 0 && state.Listening.Count == 0)
        {
            return Task.FromResult(new HealthCheckResult(failure, $"The node listens nowhere, but was told to on {string.Join(", ", options.Value.Listen)}", null, data));
        }

        string[] crowded = [.. Crowding(state)];
        return Task.FromResult(crowded.Length == 0
            ? HealthCheckResult.Healthy("The node is running", data)
            : HealthCheckResult.Degraded($"The node is nearly full: {string.Join(", ", crowded)}", null, data));
    }

    private static IEnumerable<string> Crowding(NodeState state)
    {
        ResourceUsage usage = state.Usage;
        (string Name, long Taken, long Limit)[] ceilings =
        [
            ("connections", usage.InboundConnections + usage.OutboundConnections, state.Limits.Connections),
            ("streams", usage.InboundStreams + usage.OutboundStreams, state.Limits.Streams),
            ("bytes of memory", usage.Memory, state.Limits.Memory),
        ];
        return ceilings
            .Where(ceiling => ceiling.Taken >= ceiling.Limit * Crowded)
            .Select(ceiling => string.Create(CultureInfo.InvariantCulture, $"{ceiling.Taken} of {ceiling.Limit} {ceiling.Name}"));
    }
}
