using System.Diagnostics.Metrics;

namespace Libp2p.Tests.Host.Telemetry;

/// <summary>A meter factory of one node, and all that is measured on its meter.</summary>
internal sealed class Measured : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<(string Instrument, string Tags, double Value)> _values = [];
    private Meter? _meter;

    public Measured()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                lock (_lock)
                {
                    _instruments.Add(instrument);
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments
    {
        get
        {
            lock (_lock)
            {
                return [.. _instruments];
            }
        }
    }

    public Meter Create(MeterOptions options) => _meter ??= new Meter(new MeterOptions(options.Name) { Scope = this });

    /// <summary>What was counted, where the tags contain all of these.</summary>
    public double Sum(string instrument, params string[] tags)
    {
        lock (_lock)
        {
            return _values.Where(value => value.Instrument == instrument && tags.All(tag => value.Tags.Split(' ').Contains(tag))).Sum(value => value.Value);
        }
    }

    /// <summary>What an observed instrument tells now; null where it tells nothing.</summary>
    public double? Now(string instrument, params string[] tags)
    {
        lock (_lock)
        {
            _values.RemoveAll(value => value.Instrument == instrument);
        }

        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return _values.Exists(value => value.Instrument == instrument) ? Sum(instrument, tags) : null;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        lock (_lock)
        {
            _values.Add((instrument.Name, text, value));
        }
    }
}
