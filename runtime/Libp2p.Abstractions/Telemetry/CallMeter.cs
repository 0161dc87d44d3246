using System.Diagnostics;
using Libp2p.Connections;

namespace Libp2p.Telemetry;

/// <summary>
/// The calls of one stream, one after another, as the node's telemetry sees them. There is none where nobody listens when the stream
/// begins, so an unobserved call costs the test for null.
/// </summary>
internal sealed class CallMeter
{
    private readonly NodeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly Direction _direction;
    private readonly string _operation;
    private readonly string _protocol;
    private readonly TagList _tags;
    private Activity? _activity;
    private long _started;
    private int _isRunning;

    private CallMeter(NodeTelemetry telemetry, string operation, ProtocolId protocol, Direction direction, TimeProvider time)
    {
        _telemetry = telemetry;
        _time = time;
        _direction = direction;
        _operation = operation;
        _protocol = protocol.Value;
        _tags = new TagList
        {
            { "protocol", _protocol },
            { "operation", _operation },
            { "direction", direction == Direction.Inbound ? "inbound" : "outbound" },
        };
    }

    /// <summary>A meter, if something listens.</summary>
    /// <param name="telemetry">Where it measures; null: nowhere.</param>
    /// <param name="operation">The operation's name.</param>
    /// <param name="protocol">The first of the operation's ids: one value, whichever of them is agreed.</param>
    /// <param name="direction">Who calls.</param>
    /// <param name="time">The node's clock.</param>
    public static CallMeter? For(NodeTelemetry? telemetry, string operation, ProtocolId protocol, Direction direction, TimeProvider time) =>
        telemetry is { WatchesCalls: true } ? new CallMeter(telemetry, operation, protocol, direction, time) : null;

    /// <summary>A call begins.</summary>
    public void Begin()
    {
        _started = _time.GetTimestamp();
        Volatile.Write(ref _isRunning, 1);
        _telemetry.Calls?.Started.Add(1, _tags);
        ActivityKind kind = _direction == Direction.Inbound ? ActivityKind.Server : ActivityKind.Client;
        if (_telemetry.Activities?.HasListeners() == true)
        {
            _activity = _telemetry.Activities.StartActivity(
                $"{_operation} {_protocol}", kind, default(ActivityContext), _tags, links: null, startTime: _time.GetUtcNow());
        }
    }

    /// <summary>A message went out.</summary>
    public void Sent(long bytes) => _telemetry.Calls?.Sent.Add(bytes, _tags);

    /// <summary>A message came in.</summary>
    public void Received(long bytes) => _telemetry.Calls?.Received.Add(bytes, _tags);

    /// <summary>The call that runs, if one does, is over. Idempotent.</summary>
    /// <param name="failure">Why it failed; null where it did not.</param>
    public void End(Exception? failure)
    {
        if (Interlocked.Exchange(ref _isRunning, 0) == 0)
        {
            return;
        }

        TimeSpan elapsed = _time.GetElapsedTime(_started);
        _telemetry.Calls?.Duration.Record(elapsed.TotalSeconds, _tags);
        if (failure is null)
        {
            CallLog.Done(_telemetry.CallLog, _operation, _protocol, _direction, elapsed.TotalMilliseconds);
        }
        else
        {
            TagList tags = _tags;
            tags.Add("error.type", failure.GetType().Name);
            _telemetry.Calls?.Failed.Add(1, tags);
            CallLog.Failed(_telemetry.CallLog, _operation, _protocol, _direction, elapsed.TotalMilliseconds, failure.Message, failure);
        }

        Stop(failure);
    }

    private void Stop(Exception? failure)
    {
        if (_activity is not { } activity)
        {
            return;
        }

        _activity = null;
        if (failure is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
            activity.SetTag("error.type", failure.GetType().Name);
        }

        Activity? current = Activity.Current; // a writer may be disposed of inside another activity, which stays current
        activity.SetEndTime(_time.GetUtcNow().UtcDateTime);
        activity.Stop();
        if (current != activity)
        {
            Activity.Current = current;
        }
    }
}
