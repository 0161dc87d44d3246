using System.Globalization;
using Libp2p.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;

namespace Libp2p.Analyzers.Tests;

public sealed class MissingLimitsTests
{
    [Fact]
    public Task Each_operation_without_limits_is_flagged() => AnalyzerRun.FlagsAsync("P2P0030", """
        namespace Demo;
        [Protocol("/a")]
        public partial interface IDemo
        {
            [Id("one")] ValueTask [|OneAsync|](Note note, CallContext context = default);
            [Id("two"), Limits(MaxMessage = 64)] ValueTask TwoAsync(Note note, CallContext context = default);
            [Id("three")] ValueTask [|ThreeAsync|](P2PStream stream, CallContext context = default);
            ValueTask HelpAsync(Note note) => OneAsync(note);
        }
        """);

    [Fact]
    public Task Limits_of_the_interface_are_limits_of_each_operation() => AnalyzerRun.FlagsAsync("P2P0030", """
        namespace Demo;
        [Protocol("/a"), Limits(MaxMessage = 64)]
        public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context = default); }
        """);

    [Fact]
    public async Task The_fix_writes_out_the_limits_that_hold_without_it()
    {
        string fixedCode = (await FixRun.FirstAsync("P2P0030", """
            [Protocol("/a")]
            public partial interface IDemo { ValueTask SendAsync(string text, CallContext context = default); }
            """))!;

        Compilation compilation = Sources.Compile(fixedCode);
        AttributeData limits = compilation.GetTypeByMetadataName("IDemo")!.GetMembers("SendAsync")[0].GetAttributes().Single();
        Dictionary<string, int> written = limits.NamedArguments.ToDictionary(argument => argument.Key, argument => (int)argument.Value.Value!);
        OperationLimits defaults = OperationLimits.Default;
        Assert.Equal(defaults.MaxRequest, written["MaxMessage"]);
        Assert.Equal(defaults.MaxResponse, written["MaxMessage"]);
        Assert.Equal(defaults.Exchange, TimeSpan.FromSeconds(written["ExchangeSeconds"]));
        Assert.Equal(defaults.InboundPerPeer, written["InboundPerPeer"]);
        Assert.Equal(defaults.OutboundPerPeer, written["OutboundPerPeer"]);
        string message = MissingLimitsAnalyzer.Missing.MessageFormat.ToString(CultureInfo.InvariantCulture);
        Assert.Contains($"{defaults.MaxRequest / Size.KiB} KiB", message, StringComparison.Ordinal);
        Assert.Contains($"{defaults.Exchange!.Value.TotalSeconds} s", message, StringComparison.Ordinal);
        Assert.Contains($"{defaults.InboundPerPeer} streams", message, StringComparison.Ordinal);
    }
}
