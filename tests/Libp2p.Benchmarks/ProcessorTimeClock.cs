using Perfolizer.Horology;

namespace Libp2p.Benchmarks;

/// <summary>
/// Counts the processor time of this process and not the time on the wall: what to measure with on a machine that others use as well.
/// For benchmarks that only compute; waiting costs nothing by this clock.
/// </summary>
internal sealed class ProcessorTimeClock : IClock
{
    public string Title => "processor time";

    public bool IsAvailable => !OperatingSystem.IsBrowser();

    public Frequency Frequency => new(TimeSpan.TicksPerSecond);

    public long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
