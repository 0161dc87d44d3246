using Libp2p.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;

namespace Libp2p.Analyzers.Tests;

/// <summary>What each rule flags, to the character, beyond the example of its page; and what it leaves alone.</summary>
public sealed class DeclarationRuleTests
{
    private const string Send = "ValueTask SendAsync(Note note, CallContext context = default);";

    [Theory]
    [InlineData("P2P0001", "[Protocol(\"/a\"), Limits(MaxMessage = 9)] public interface [|IDemo|] { " + Send + " }")]
    [InlineData("P2P0002", "class [|Outer|] { internal partial class Middle { [Protocol(\"/a\"), Limits(MaxMessage = 9)] internal partial interface IDemo { " + Send + " } } }")]
    [InlineData("P2P0003", "partial class Outer<T> { [Protocol(\"/a\"), Limits(MaxMessage = 9)] internal partial interface [|IDemo|] { " + Send + " } }")]
    [InlineData("P2P0004", "[Protocol(\"/a\"), Limits(MaxMessage = 9)] file partial interface [|IDemo|] { " + Send + " }")]
    [InlineData("P2P0007", "[Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface [|IDemo|] { }")]
    [InlineData("P2P0010", "[[|Protocol|], Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0010", "[[|Protocol(null!)|], Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0011", "[Protocol(\"/b\", [|\"/a/\"|], [|null!|]), Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0011", "[Protocol([|\"/{a}\"|]), Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0012", "[Protocol(\"/a\", \"/b\", [|\"/a\"|]), Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0013", "[[|Protocol(\"/{protocol=1}\")|], Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0031", "[Protocol(\"/a\"), Limits([|MaxMessage = -1|])] public partial interface IDemo { [Id(\"a\")] " + Send + " [Id(\"b\")] ValueTask LeaveAsync(Note note, CallContext context); }")]
    [InlineData("P2P0031", "[Protocol(\"/a\"), Reuse([|IdleSeconds = -2|]), Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0031", "[Protocol(\"/a\"), Limits([|ExchangeSeconds = 0|], [|InboundPerPeer = 0|], [|ReadSeconds = int.MinValue|])] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0063", "[Protocol(\"/a\"), Limits([|MaxMessage = 1024 * Size.MiB + 1|], [|MaxSend = int.MaxValue|])] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0064", "[Protocol(\"/a\"), Limits(MaxMessage = 9, [|WhenFull = (WhenFull)9|]), Connection([|Limited = (LimitedConnections)2|], [|OpenedBy = (ConnectionOpener)(-1)|], [|Relayed = (RelayedConnections)7|])] public partial interface IDemo { " + Send + " }")]
    [InlineData("P2P0032", "[Protocol(\"/a\"), [|Framing((Framing)99)|], Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " }")]
    public Task An_interface_is_flagged(string id, string marked) => AnalyzerRun.FlagsAsync(id, "namespace Demo; " + marked);

    [Theory]
    [InlineData("P2P0004", "protected ValueTask [|SendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0005", "int [|Count|] { get; set; }")]
    [InlineData("P2P0005", "event Action [|Happened|];")]
    [InlineData("P2P0005", "ValueTask [|SendAsync|]<T>(Note note, CallContext context);")]
    [InlineData("P2P0005", "static abstract ValueTask [|SendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0008", Send + " int [|Protocol|]() => 0;")]
    [InlineData("P2P0014", "[[|Id(\"a b\")|]] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0015", "ValueTask [|OneAsync|](Note note, CallContext context); ValueTask [|TwoAsync|](Note note, CallContext context); [Id(\"three\")] ValueTask ThreeAsync(Note note, CallContext context);")]
    [InlineData("P2P0016", "[[|Since(\"/b\")|]] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0020", "void [|Send|](Note note, CallContext context);")]
    [InlineData("P2P0020", "ValueTask [|SendAsync|](CallContext context);")]
    [InlineData("P2P0020", "ValueTask [|SendAsync|](Note one, Note two, CallContext context);")]
    [InlineData("P2P0020", "ValueTask [|SendAsync|](in Note note, CallContext context);")]
    [InlineData("P2P0020", "ValueTask [|SendAsync|](Note? note, CallContext context);")]
    [InlineData("P2P0020", "ValueTask<Note?> [|FetchAsync|](CallContext context);")]
    [InlineData("P2P0020", "ValueTask<Note> [|PipeAsync|](P2PStream stream, CallContext context);")]
    [InlineData("P2P0021", "ValueTask [|SendAsync|]();")]
    [InlineData("P2P0021", "ValueTask [|SendAsync|](CallContext context, Note note);")]
    [InlineData("P2P0022", "[Id(\"a\")] ValueTask SendAsync(Note note, CallContext context); [Id(\"b\")] ValueTask [|sendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0023", "ValueTask<object> [|SendAsync|](int number, CallContext context);")]
    [InlineData("P2P0023", "[Json<System.Text.Json.Serialization.JsonSerializerContext>] ValueTask [|SendAsync|](object note, CallContext context);")]
    [InlineData("P2P0031", "[Limits([|MaxElements = 0|])] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0031", "[Merge([|MaxFrames = 0|])] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0032", "[Framing(Framing.Fixed, Size = 10)] ValueTask [|SendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0032", "ValueTask [|AgreeAsync|]([Framing(Framing.Fixed, Size = 10)] Note note, Dialogue<Note, Note> rest, CallContext context);")]
    [InlineData("P2P0063", "[Framing(Framing.UInt16), Limits(MaxResponse = 65_537)] ValueTask<Note> [|AskAsync|](Note note, CallContext context);")]
    [InlineData("P2P0063", "[Framing(Framing.UInt16), Limits(MaxSend = 65_537)] ValueTask [|SendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0063", "[Merge, Limits(MaxRequest = 128 * Size.MiB)] ValueTask [|SendAsync|](Note note, CallContext context);")]
    [InlineData("P2P0064", "[Connection([|OpenedBy = (ConnectionOpener)7|])] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0032", "[[|Framing(Framing.Line, Size = 3)|]] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0033", "[[|Framing(Framing.None)|]] ValueTask AgreeAsync(Dialogue<Note, Note> dialogue, CallContext context);")]
    public Task A_member_is_flagged(string id, string marked) =>
        AnalyzerRun.FlagsAsync(id, $"namespace Demo; [Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface IDemo {{ {marked} }}");

    [Theory]
    [InlineData("public interface IDemo { void M(); }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface IDemo { " + Send + " int Helper(int i) => i; static int Count => 1; const int Max = 2; }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context = default); }")]
    [InlineData("[Protocol(\"/{n=1}/a\", \"/{n=1}/b\"), Limits(MaxMessage = 9)] public partial interface IDemo { [Since(\"/{n=1}/a\")] " + Send + " }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { [Limits(ExchangeSeconds = Seconds.Unbounded)] ValueTask<Note?> SendAsync(string text, CallContext context); }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 1024 * Size.MiB, ExchangeSeconds = int.MaxValue, ReadSeconds = int.MaxValue, IdleSeconds = int.MaxValue)] public partial interface IDemo { " + Send + " }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 9, ReadSeconds = Seconds.Unbounded, IdleSeconds = Seconds.Unbounded), Reuse(IdleSeconds = Seconds.Unbounded)] public partial interface IDemo { " + Send + " }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 9), Framing(Framing.UInt16)] public partial interface IDemo { [Limits(MaxMessage = 64 * Size.KiB, MaxSend = 65_536)] " + Send + " }")]
    [InlineData("interface IHelpers { interface INested { } abstract class Base { } } [Protocol(\"/a\"), Limits(MaxMessage = 9)] internal partial interface IDemo : IHelpers { " + Send + " }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface IDemo { [Id(\"one\")] " + Send + " } public partial interface IDemo { [Id(\"two\")] ValueTask LeaveAsync(Note note, CallContext context); }")]
    public Task What_is_sound_is_left_alone(string code) => AnalyzerRun.FlagsAsync("none", "namespace Demo; " + code);

    [Theory]
    [InlineData("[Limits(MaxMessage = 9)] Task<Missing> SendAsync(Note note, CallContext context);")]
    [InlineData("[Limits(MaxMessage = 9)] ValueTask SendAsync(Missing note);")]
    [InlineData("[Limits(MaxMessage = 9), Codec<MissingCodec>] ValueTask SendAsync(object note, CallContext context);")]
    [InlineData("[Limits(MaxMessage = 9), Json<MissingContext>] ValueTask SendAsync(object note, CallContext context);")]
    public Task While_a_type_is_missing_nothing_is_said(string member) =>
        AnalyzerRun.FlagsAsync("none", $"namespace Demo; [Protocol(\"a\")] public interface IDemo {{ {member} }}");

    [Fact]
    public async Task Without_the_library_nothing_is_looked_at()
    {
        Compilation compilation = Sources.Compile("namespace Libp2p { class ProtocolAttribute : System.Attribute; } [Protocol] interface IDemo { }");

        AnalyzerRun run = await AnalyzerRun.OfAsync(compilation.RemoveReferences(
            compilation.References.Where(reference => reference.Display!.Contains("Libp2p", StringComparison.Ordinal))));

        Assert.DoesNotContain(run.Diagnostics, found => found.Id == "AD0001");
    }

    [Theory]
    [InlineData("[Protocol(\"/a\")] public partial interface")]
    [InlineData("[Protocol(\"/a\"] public partial interface IDemo { ValueTask SendAsync( }")]
    [InlineData("[Protocol(\"/a\", Discriminator = )] public partial interface IDemo { }")]
    [InlineData("[Protocol(\"/a\")] [Protocol(\"/b\")] public partial interface IDemo { ValueTask SendAsync(Note note); }")]
    [InlineData("[Protocol(1, 2)] public partial interface IDemo : IDemo { [Since] ValueTask (Note note, CallContext context); }")]
    public async Task Code_that_is_being_typed_never_breaks_an_analyzer(string code)
    {
        AnalyzerRun run = await AnalyzerRun.OfAsync("namespace Demo; " + code);

        Assert.DoesNotContain("AD0001", run.Ids);
    }

    [Fact]
    public async Task A_flag_can_be_silenced_where_it_stands()
    {
        AnalyzerRun run = await AnalyzerRun.OfAsync("""
            namespace Demo;
            [Protocol("/a")]
            public partial interface IDemo
            {
            #pragma warning disable P2P0030 // bounded by the caller
                ValueTask SendAsync(Note note, CallContext context = default);
            #pragma warning restore P2P0030
            }
            """);

        Assert.All(run.Diagnostics, found => Assert.True(found.IsSuppressed));
    }
}
