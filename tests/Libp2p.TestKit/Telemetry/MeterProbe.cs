using System.Diagnostics.Metrics;

namespace Libp2p.TestKit.Telemetry;

/// <summary>A meter factory whose measurements a test reads.</summary>
public sealed class MeterProbe : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly TestMeterFactory _meters = new();
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, string Tags, double Value)> _measurements = [];

    public MeterProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Owns(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public Meter Create(MeterOptions options) => _meters.Create(options);

    /// <summary>What was measured in all, with these tags ("name=value", ordered, with spaces between) or with any.</summary>
    public double Sum(string instrument, string? tags = null) => Of(instrument, tags).Sum(measured => measured.Value);

    /// <summary>How often something was measured.</summary>
    public int Count(string instrument, string? tags = null) => Of(instrument, tags).Length;

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private (string Instrument, string Tags, double Value)[] Of(string instrument, string? tags)
    {
        lock (_gate)
        {
            return [.. _measurements.Where(measured => measured.Instrument == instrument && (tags is null || measured.Tags == tags))];
        }
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = string.Join(' ', tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
        lock (_gate)
        {
            _measurements.Add((instrument.Name, text, value));
        }
    }
}

/// <summary>A meter factory that nobody listens to.</summary>
public sealed class TestMeterFactory : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        lock (_gate)
        {
            Meter meter = new(new MeterOptions(options.Name) { Scope = this });
            _meters.Add(meter);
            return meter;
        }
    }

    public bool Owns(Meter meter) => ReferenceEquals(meter.Scope, this);

    public void Dispose()
    {
        lock (_gate)
        {
            _meters.ForEach(meter => meter.Dispose());
        }
    }
}
