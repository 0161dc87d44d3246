namespace Libp2p.Simulation;

/// <summary>A run cannot end: nothing is ready and no timer is armed, or it took more steps than it may.</summary>
public sealed class SimulationStalledException : Exception
{
    internal SimulationStalledException(string message, string report)
        : base($"{message}{Environment.NewLine}{report}")
    {
        Report = report;
    }

    /// <summary>Who waits for what, what is ready, and which timers are armed.</summary>
    public string Report { get; }
}
