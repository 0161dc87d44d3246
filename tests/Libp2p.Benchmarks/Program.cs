using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Libp2p.Benchmarks;

// dotnet run -c Release --project tests/Libp2p.Benchmarks -- --filter '*' --job short
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddColumn(new RateColumn());
_ = BenchmarkSwitcher.FromAssembly(typeof(RateColumn).Assembly).Run(args, config);
