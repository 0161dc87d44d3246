using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Libp2p.Benchmarks;

/// <summary>What one core does in a second: megabytes where a benchmark has a parameter <c>Bytes</c>, else operations.</summary>
internal sealed class RateColumn : IColumn
{
    public string Id => nameof(RateColumn);

    public string ColumnName => "Rate";

    public string Legend => "MB (10^6 bytes) or operations per second";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics)
        {
            return "-";
        }

        double perSecond = 1e9 / statistics.Mean;
        return benchmarkCase.Parameters.Items.FirstOrDefault(p => p.Name == "Bytes")?.Value is int bytes
            ? string.Create(CultureInfo.InvariantCulture, $"{perSecond * bytes / 1e6:N0} MB/s")
            : string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} /s");
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
