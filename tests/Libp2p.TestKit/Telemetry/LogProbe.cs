using Microsoft.Extensions.Logging;

namespace Libp2p.TestKit.Telemetry;

/// <summary>A logger factory whose events a test reads.</summary>
/// <param name="least">What is logged at the least.</param>
public sealed class LogProbe(LogLevel least = LogLevel.Trace) : ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly List<(int Id, string Text)> _events = [];

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<(int Id, string Text)> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Probe(this, least);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one sink.");

    public void Dispose()
    {
    }

    private sealed class Probe(LogProbe probe, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (probe._gate)
                {
                    probe._events.Add((eventId.Id, formatter(state, exception)));
                }
            }
        }
    }
}
