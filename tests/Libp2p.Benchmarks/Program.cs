using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Libp2p.Benchmarks;
using Libp2p.Benchmarks.Peers;

// dotnet run -c Release --project tests/Libp2p.Benchmarks -- --filter '*' --job short
// dotnet run -c Release --project tests/Libp2p.Benchmarks -- --processor-time --filter '*'    on a busy machine, for what only computes
// dotnet run -c Release --project tests/Libp2p.Benchmarks -- peers --help                          our peer beside others, as processes
if (args is ["peers", ..])
{
    return await PeerBenchmark.RunAsync(args[1..]);
}

const string ProcessorTime = "--processor-time";

ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddColumn(new RateColumn());
if (args.Contains(ProcessorTime))
{
    config.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithClock(new ProcessorTimeClock()));
}

_ = BenchmarkSwitcher.FromAssembly(typeof(RateColumn).Assembly).Run([.. args.Where(a => a != ProcessorTime)], config);
return 0;
