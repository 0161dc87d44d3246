using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Telemetry;

/// <summary>
/// Where one node tells what it does: a meter and an activity source, both named <see cref="Name"/>, and logs. Each is handed in, and
/// none is a must. Nothing is measured and nothing allocated while nobody listens. Thread-safe.
/// </summary>
public sealed class NodeTelemetry
{
    /// <summary>The name of the meter, and of the activity source as it is meant to be.</summary>
    public const string Name = "Libp2p";

    private readonly ILogger _calls;

    /// <summary>The telemetry of a node.</summary>
    /// <param name="meters">Makes the meter and owns it; null: nothing is counted.</param>
    /// <param name="activities">Lent: starts the activities; null: there are none.</param>
    /// <param name="logging">Makes the loggers; null: nothing is logged.</param>
    public NodeTelemetry(IMeterFactory? meters = null, ActivitySource? activities = null, ILoggerFactory? logging = null)
    {
        Meter = meters?.Create(new MeterOptions(Name));
        Activities = activities;
        Calls = Meter is null ? null : new CallInstruments(Meter);
        _calls = logging?.CreateLogger("Libp2p.Calls") ?? NullLogger.Instance;
    }

    /// <summary>The meter, for further instruments; null where nothing is counted.</summary>
    public Meter? Meter { get; }

    /// <summary>The source of activities; null where there are none.</summary>
    public ActivitySource? Activities { get; }

    /// <summary>Counts what an access policy refused.</summary>
    /// <param name="protocol">The agreed id: one that the node serves.</param>
    /// <param name="policy">The policy's name.</param>
    public void CallRefused(ProtocolId protocol, string policy) => Calls?.Refused.Add(
        1, new KeyValuePair<string, object?>("protocol", protocol.Value), new KeyValuePair<string, object?>("policy", policy));

    internal CallInstruments? Calls { get; }

    internal ILogger CallLog => _calls;

    /// <summary>Whether anybody listens to calls: only then is one measured.</summary>
    internal bool WatchesCalls =>
        Calls is { IsEnabled: true } || Activities?.HasListeners() == true || _calls.IsEnabled(LogLevel.Debug);
}
