using System.Diagnostics.Metrics;

namespace Libp2p.Telemetry;

/// <summary>The instruments of calls, by protocol, operation and direction.</summary>
internal sealed class CallInstruments(Meter meter)
{
    /// <summary>Calls that began.</summary>
    public Counter<long> Started { get; } = meter.CreateCounter<long>("libp2p.call.started", "{call}", "Calls that began");

    /// <summary>Calls that failed, by the kind of failure.</summary>
    public Counter<long> Failed { get; } = meter.CreateCounter<long>("libp2p.call.failed", "{call}", "Calls that failed");

    /// <summary>Calls that an access policy refused, by protocol and policy.</summary>
    public Counter<long> Refused { get; } = meter.CreateCounter<long>("libp2p.call.refused", "{call}", "Calls that an access policy refused");

    /// <summary>How long calls took, failed ones too.</summary>
    public Histogram<double> Duration { get; } = meter.CreateHistogram<double>("libp2p.call.duration", "s", "Time of a call");

    /// <summary>Bytes of messages sent, prefixes included.</summary>
    public Counter<long> Sent { get; } = meter.CreateCounter<long>("libp2p.call.sent", "By", "Bytes of messages sent");

    /// <summary>Bytes of messages received, prefixes included.</summary>
    public Counter<long> Received { get; } = meter.CreateCounter<long>("libp2p.call.received", "By", "Bytes of messages received");

    /// <summary>Whether anybody listens to one of them.</summary>
    public bool IsEnabled => Started.Enabled || Failed.Enabled || Duration.Enabled || Sent.Enabled || Received.Enabled;
}
