using Libp2p.Generators.Parsing;
using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Tests;

/// <summary>Whatever is wrong, the generator emits nothing, says nothing and never throws; the parser knows what it is.</summary>
public sealed class InvalidDeclarationTests
{
    private const string Sound = "ValueTask SendAsync(Note note, CallContext context = default);";

    [Theory]
    [InlineData("NotPartial", "[Protocol(\"/a\")] public interface IDemo { " + Sound + " }")]
    [InlineData("ContainerNotPartial", "public class Outer { [Protocol(\"/a\")] public partial interface IDemo { " + Sound + " } }")]
    [InlineData("Generic", "[Protocol(\"/a\")] public partial interface IDemo<T> { " + Sound + " }")]
    [InlineData("NotAccessible", "public partial class Outer { [Protocol(\"/a\")] private partial interface IDemo { " + Sound + " } }")]
    [InlineData("NameTaken", "[Protocol(\"/a\")] public partial interface Protocol { " + Sound + " }")]
    [InlineData("NotAccessible", "[Protocol(\"/a\")] file partial interface IDemo { " + Sound + " }")]
    [InlineData("NoOperations", "[Protocol(\"/a\")] public partial interface IDemo { }")]
    [InlineData("InheritedOperation", "[Protocol(\"/a\")] public partial interface IDemo : IDisposable { " + Sound + " }")]
    [InlineData("NoIds", "[Protocol] public partial interface IDemo { " + Sound + " }")]
    [InlineData("NoIds", "[Protocol(null!)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"a\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"/\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"/a\\n\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"/{a}/b\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"/{a=}/b\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("ConflictingParameter", "[Protocol(\"/{a=1}/b\", \"/{a=2}/b\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("ConflictingParameter", "[Protocol(\"/{protocol=1}/b\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("MalformedId", "[Protocol(\"/a\", null!)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("DuplicateId", "[Protocol(\"/a\", \"/a\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("DuplicateId", "[Protocol(\"/{n=x}/1\", \"/x/1\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("NameTaken", "[Protocol(\"/{n=x}/1\")] public partial interface IDemo { " + Sound + " } static class IDemoProtocolExtensions;")]
    [InlineData("NameTaken", "[Protocol(\"/{n=x}/1\")] public partial interface IDemo { " + Sound + " } enum IDemoProtocolExtensions;")]
    [InlineData("NameTaken", "public partial class IDemoProtocolExtensions { [Protocol(\"/{n=x}/1\")] public partial interface IDemo { " + Sound + " } } class IDemoProtocolExtensions_IDemoProtocolExtensions;")]
    [InlineData("NameTaken", "[Protocol(\"/a\")] public partial interface IDemo : IHelpers { " + Sound + " } public interface IHelpers { int Protocol => 1; }")]
    [InlineData("NameTaken", "[Protocol(\"/a\")] public partial interface IDemo : IHelpers { ValueTask PipeAsync(P2PStream stream, CallContext context); } public interface IHelpers { static int OpenPipeAsync(CallContext context) => 1; }")]
    [InlineData("FramingNeedsMessages", "[Protocol(\"/a\"), Framing(Framing.Line)] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); }")]
    [InlineData("UnknownDiscriminator", "[Protocol(\"/a\", Discriminator = \"Type\")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("EnvelopeNeedsOneof", "[Protocol(\"/a\"), Envelope<Note>] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidAccessPolicy", "[Protocol(\"/a\"), Access(Policy = \" \")] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidResetCode", "[Protocol(\"/a\"), ResetCode(0xffff, typeof(Exception))] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidLimit", "[Protocol(\"/a\"), Limits(MaxMessage = -1)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidLimit", "[Protocol(\"/a\"), Reuse(IdleSeconds = -2)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidFraming", "[Protocol(\"/a\"), Framing(Framing.Fixed)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidFraming", "[Protocol(\"/a\"), Framing(Framing.Line, Size = 3)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidFraming", "[Protocol(\"/a\"), Framing((Framing)99)] public partial interface IDemo { " + Sound + " }")]
    [InlineData("InvalidFraming", "[Protocol(\"/a\"), Reuse, Framing(Framing.None)] public partial interface IDemo { " + Sound + " }")]
    public void A_flawed_interface_yields_nothing(string problem, string declaration) =>
        YieldsNothing(problem, "namespace Demo; " + declaration);

    [Theory]
    [InlineData("NotAnOperation", "int Count { get; }")]
    [InlineData("NotAnOperation", "event Action Happened;")]
    [InlineData("NotAnOperation", "ValueTask SendAsync<T>(Note note, CallContext context = default);")]
    [InlineData("NotAnOperation", "static abstract ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("NotAnOperation", "int this[int i] { get; }")]
    [InlineData("MissingCallContext", "ValueTask SendAsync(Note note);")]
    [InlineData("MissingCallContext", "ValueTask SendAsync(Note note, CancellationToken token);")]
    [InlineData("MissingCallContext", "ValueTask SendAsync();")]
    [InlineData("UnsupportedSignature", "Task SendAsync(Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "void Send(Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask SendAsync(CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask SendAsync(Note one, Note two, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask SendAsync(in Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask SendAsync(ref Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask SendAsync(Note? note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask<Note?> FetchAsync(CallContext context);")]
    [InlineData("UnsupportedSignature", "IAsyncEnumerable<Note?> FetchAsync(CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask<Note> PipeAsync(P2PStream stream, CallContext context);")]
    [InlineData("UnsupportedSignature", "IAsyncEnumerable<Note> AgreeAsync(Dialogue<Note, Note> dialogue, CallContext context);")]
    [InlineData("UnknownCodec", "ValueTask SendAsync(int number, CallContext context);")]
    [InlineData("UnknownCodec", "ValueTask SendAsync(byte[] bytes, CallContext context);")]
    [InlineData("UnknownCodec", "ValueTask<object> SendAsync(Note note, CallContext context);")]
    [InlineData("UnknownCodec", "IAsyncEnumerable<ReadOnlyMemory<char>> SendAsync(Note note, CallContext context);")]
    [InlineData("UnknownCodec", "ValueTask SendAsync(Handmade note, CallContext context);")]
    [InlineData("UnknownSince", "[Since(\"/b\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("MalformedSuffix", "[Id(\"\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("MalformedSuffix", "[Id(\"/a\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("MalformedSuffix", "[Id(null!)] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("AmbiguousId", "ValueTask OneAsync(Note note, CallContext context); ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("AmbiguousId", "[Id(\"a\")] ValueTask OneAsync(Note note, CallContext context); [Id(\"a\")] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("DuplicateOperation", "[Id(\"a\")] ValueTask Send(Note note, CallContext context); [Id(\"b\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("NameTaken", "ValueTask PipeAsync(P2PStream stream, CallContext context); int OpenPipeAsync() => 0;")]
    [InlineData("NameTaken", "ValueTask SendAsync(Note note, CallContext context); int Protocol() => 0;")]
    [InlineData("FramingNeedsOneMessage", "[Framing(Framing.None)] IAsyncEnumerable<Note> FollowAsync(CallContext context);")]
    [InlineData("InvalidFraming", "[Framing(Framing.None)] ValueTask<Note?> FetchAsync(Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask<Note> ConnectAsync(Note note, P2PStream stream, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask ConnectAsync(Note? note, P2PStream stream, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask ConnectAsync(P2PStream stream, Note note, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask ConnectAsync(Note note, IAsyncEnumerable<Note> notes, CallContext context);")]
    [InlineData("UnsupportedSignature", "ValueTask ConnectAsync(Note one, Note two, P2PStream stream, CallContext context);")]
    [InlineData("UnknownCodec", "ValueTask ConnectAsync(P2PStream one, P2PStream two, CallContext context);")]
    [InlineData("NameTaken", "ValueTask PipeAsync(Note note, P2PStream stream, CallContext context); int OpenPipeAsync() => 0;")]
    [InlineData("FramingNeedsOneMessage", "[Framing(Framing.None)] ValueTask PipeAsync(Note note, P2PStream stream, CallContext context);")]
    [InlineData("FramingNeedsOneMessage", "ValueTask AgreeAsync([Framing(Framing.None)] Note note, Dialogue<Note, Note> rest, CallContext context);")]
    [InlineData("FramingNeedsFirstMessage", "ValueTask SendAsync([Framing(Framing.Line)] Note note, CallContext context);")]
    [InlineData("FramingNeedsFirstMessage", "ValueTask PipeAsync(Note note, [Framing(Framing.Line)] P2PStream stream, CallContext context);")]
    [InlineData("InvalidFraming", "ValueTask PipeAsync([Framing(Framing.Fixed)] Note note, P2PStream stream, CallContext context);")]
    [InlineData("FramingNeedsMessages", "[Framing(Framing.Line)] ValueTask PipeAsync(P2PStream stream, CallContext context);")]
    [InlineData("FramingNeedsMessages", "[Framing(Framing.Line)] ValueTask PipeAsync([Framing(Framing.UInt16)] Note note, P2PStream stream, CallContext context);")]
    [InlineData("MalformedSuffix", "[Id(\"a//b\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidLimit", "[Merge(MaxFrames = 0)] ValueTask<Note> FetchAsync(CallContext context);")]
    [InlineData("MergeNeedsPullOrPush", "[Merge] ValueTask<Note> FetchAsync(Note note, CallContext context);")]
    [InlineData("MergeNeedsPullOrPush", "[Merge] IAsyncEnumerable<Note> FetchAsync(CallContext context);")]
    [InlineData("MergeNeedsProtobuf", "[Merge] ValueTask<string> FetchAsync(CallContext context);")]
    [InlineData("MergeNeedsEndOfStream", "[Merge, Framing(Framing.None)] ValueTask<Note> FetchAsync(CallContext context);")]
    [InlineData("OnWithoutDiscriminator", "[On(1)] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("EnvelopeNeedsOneof", "[Envelope<Note>] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("NotInEnvelope", "[Envelope<Parcel>] ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("NotAccessible", "private sealed class Hidden : Message<Hidden>; [Envelope<Hidden>] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("NotInEnvelope", "[Envelope<Parcel>] ValueTask<string> SendAsync(Note note, CallContext context);")]
    [InlineData("NotInEnvelope", "[Envelope<Parcel>] ValueTask<IDisposable> SendAsync(Note note, CallContext context);")]
    [InlineData("AmbiguousEnvelopeCase", "[Envelope<Parcel>] ValueTask SendAsync(Receipt receipt, CallContext context);")]
    [InlineData("AmbiguousEnvelopeCase", "[Envelope<Parcel>] ValueTask OneAsync(Note note, CallContext context); [Envelope<Parcel>] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("AmbiguousEnvelopeCase", "[Envelope<Parcel>] ValueTask OneAsync(Yes yes, CallContext context); [Envelope<Parcel>] ValueTask TwoAsync(IAnswer answer, CallContext context);")]
    [InlineData("AmbiguousEnvelopeCase", "[Envelope<Parcel>] ValueTask OneAsync(Parcel parcel, CallContext context); [Envelope<Parcel>] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("SharedIdNeedsFirstMessage", "[Envelope<Parcel>] ValueTask<Note> OneAsync(CallContext context); [Envelope<Parcel>] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("InvalidPerPeer", "[PerPeer(0)] ValueTask SendAsync(IAsyncEnumerable<Note> notes, CallContext context);")]
    [InlineData("InvalidPerPeer", "[PerPeer(1)] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidPerPeer", "[PerPeer(1)] ValueTask<Note> SendAsync(IAsyncEnumerable<Note> notes, CallContext context);")]
    [InlineData("InvalidAccessPolicy", "[Access(Policy = \"\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidResetCode", "[ResetCode(0x10000, typeof(string))] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidResetCode", "[ResetCode(0x10000, null!)] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidResetCode", "[ResetCode(0x10000, typeof(Exception)), ResetCode(0x10000, typeof(ArgumentException))] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidResetCode", "[ResetCode(0x10000, typeof(Exception)), ResetCode(0x10001, typeof(Exception))] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("InvalidResetCode", "private class Secret : Exception; [ResetCode(0x10000, typeof(Secret))] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("SharedIdAccessDiffers", "[Envelope<Parcel>] ValueTask OneAsync(Note note, CallContext context); [Envelope<Parcel>, Access(Policy = \"x\")] ValueTask TwoAsync(Yes yes, CallContext context);")]
    public void A_flawed_member_yields_nothing(string problem, string member) =>
        YieldsNothing(problem, $"namespace Demo; [Protocol(\"/a\")] public partial interface IDemo {{ {member} }}");

    [Theory]
    [InlineData("UnknownDiscriminator", "Nothing", "ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("UnknownDiscriminator", "Text", "ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("UnknownDiscriminator", "Unnumbered", "ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("UnknownDiscriminator", "Type", "ValueTask<Note> SendAsync(Letter letter, CallContext context);")]
    [InlineData("DiscriminatorWithoutPresence", "Bare", "ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("DiscriminatorNeedsProtobuf", "Type", "ValueTask SendAsync(string letter, CallContext context);")]
    [InlineData("DiscriminatorAndEnvelope", "Type", "[Envelope<Parcel>] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("MissingOn", "Type", "[On(Kind.Ask)] ValueTask OneAsync(Letter letter, CallContext context); ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("MissingOn", "Type", "ValueTask OneAsync(Letter letter, CallContext context); ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("DuplicateOn", "Type", "[On(Kind.Tell)] ValueTask OneAsync(Letter letter, CallContext context); [On(1)] ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Type", "[On(DayOfWeek.Monday)] ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Type", "[On(\"Ask\")] ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Type", "[On(null!)] ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Type", "[On(Kind.Ask, Reply = 1.5)] ValueTask<Letter> SendAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Size", "[On(5000000000)] ValueTask SendAsync(Letter letter, CallContext context);")]
    [InlineData("AmbiguousDiscriminator", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1)] ValueTask TwoAsync(Card card, CallContext context);")]
    [InlineData("SharedIdNeedsFirstMessage", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1)] ValueTask TwoAsync(Dialogue<Letter, Letter> rest, CallContext context);")]
    [InlineData("SharedIdNeedsFirstMessage", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1), Merge] ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("SharedIdNeedsFirstMessage", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1)] IAsyncEnumerable<Letter> TwoAsync(CallContext context);")]
    [InlineData("SharedIdFramingDiffers", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1), Framing(Framing.UInt16)] ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("SharedIdConnectionDiffers", "Type", "[On(0)] ValueTask OneAsync(Letter letter, CallContext context); [On(1), Connection(Limited = LimitedConnections.Allow)] ValueTask TwoAsync(Letter letter, CallContext context);")]
    public void Flawed_operations_on_one_id_yield_nothing(string problem, string discriminator, string members) => YieldsNothing(
        problem, $"namespace Demo; [Protocol(\"/a\", Discriminator = \"{discriminator}\")] public partial interface IDemo {{ {members} }}");

    [Theory]
    [InlineData("DuplicateOn", "1", "[On(Kind.Tell)] ValueTask OneAsync(Letter letter, CallContext context); [On(1)] ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("InvalidOn", "Reply = 1.5", "[On(Kind.Ask, Reply = 1.5)] ValueTask<Letter> SendAsync(Letter letter, CallContext context);")]
    [InlineData("MissingOn", "TwoAsync", "[On(Kind.Ask)] ValueTask OneAsync(Letter letter, CallContext context); ValueTask TwoAsync(Letter letter, CallContext context);")]
    [InlineData("UnknownDiscriminator", "Discriminator = \"Type\"", "ValueTask SendAsync(Note note, CallContext context);")]
    public void A_problem_stands_at_the_token_to_change(string problem, string token, string members)
    {
        GeneratorRun run = GeneratorRun.Of($"namespace Demo; [Protocol(\"/a\", Discriminator = \"Type\")] public partial interface IDemo {{ {members} }}");

        DeclarationProblem found = Assert.Single(Parse(run).Problems);
        Assert.Equal(problem, found.Kind.ToString());
        Assert.Equal(token, found.Location.SourceTree!.ToString().Substring(found.Location.SourceSpan.Start, found.Location.SourceSpan.Length));
    }

    [Theory]
    [InlineData("ResetCode(0x10001, typeof(TimeoutException))", "ResetCode(0x10001, typeof(Exception))")]
    [InlineData("ResetCode(0x10001, typeof(Exception))", "ResetCode(0x10002, typeof(FormatException)), ResetCode(0x10001, typeof(TimeoutException))")]
    public void A_code_stands_for_one_exception_over_interface_and_member(string onInterface, string onMember) => YieldsNothing(
        "InvalidResetCode",
        $"namespace Demo; [Protocol(\"/a\"), {onInterface}] public partial interface IDemo {{ [{onMember}] ValueTask SendAsync(Note note, CallContext context); }}");

    [Theory]
    [InlineData("\"/a\", \"/a/x\"", "ValueTask OneAsync(Note note, CallContext context); [Id(\"x\")] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("\"/a/x\", \"/a\"", "[Id(\"x/y\")] ValueTask OneAsync(Note note, CallContext context); [Id(\"y\")] ValueTask TwoAsync(Note note, CallContext context);")]
    [InlineData("\"/{n=a}\", \"/a/x\"", "ValueTask OneAsync(Note note, CallContext context); [Id(\"x\")] ValueTask TwoAsync(Note note, CallContext context);")]
    public void Different_ids_that_come_to_the_same_are_ambiguous(string ids, string members) =>
        YieldsNothing("AmbiguousId", $"namespace Demo; [Protocol({ids})] public partial interface IDemo {{ {members} }}");

    [Fact]
    public void An_operation_that_knows_only_the_newer_id_does_not_clash_on_the_older()
    {
        GeneratorRun run = GeneratorRun.Of("""
            namespace Demo;

            [Protocol("/b", "/a", "/a/x")]
            public partial interface IDemo
            {
                [Since("/a")] ValueTask OneAsync(Note note, CallContext context);
                [Id("x"), Since("/b")] ValueTask TwoAsync(Note note, CallContext context);
            }
            """);

        Assert.Empty(Parse(run).Problems);
        Assert.Single(run.Sources);
    }

    [Theory]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    public void An_id_has_room_for_what_operations_add(int bytes, bool fits)
    {
        string id = "/" + new string('a', bytes - "//send".Length);
        GeneratorRun run = GeneratorRun.Of(
            $"namespace Demo; [Protocol(\"{id}\")] public partial interface IDemo {{ [Id(\"send\")] ValueTask SendAsync(Note note, CallContext context); }}");

        Assert.Equal(fits ? [] : [DeclarationProblemKind.MalformedSuffix], Parse(run).Problems.Select(problem => problem.Kind));
    }

    [Fact]
    public void Two_protocols_that_need_one_class_are_both_told()
    {
        const string nested = "public partial class Outer { [Protocol(\"/{n=x}/1\")] public partial interface IDemo { " + Sound + " } }";
        const string flat = "[Protocol(\"/{n=x}/2\")] public partial interface Outer_IDemo { " + Sound + " }";
        GeneratorRun run = GeneratorRun.Of("namespace Demo; " + nested + flat);

        Assert.Empty(run.Sources);
        Assert.Null(run.Result.Exception);
        Assert.Single(GeneratorRun.Of("namespace Demo; " + nested + flat.Replace("{n=x}", "x", StringComparison.Ordinal)).Sources, source => source.HintName == "Demo.Outer.IDemo.g.cs");
    }

    [Fact]
    public void Reuse_needs_a_request() => YieldsNothing(
        "ReuseNeedsRequest", "namespace Demo; [Protocol(\"/a\"), Reuse] public partial interface IDemo { ValueTask<Note> FetchAsync(CallContext context); }");

    [Fact]
    public void A_reused_stream_does_not_end_where_a_merged_message_would() => YieldsNothing(
        "MergeNeedsEndOfStream", "namespace Demo; [Protocol(\"/a\"), Reuse] public partial interface IDemo { [Merge] ValueTask SendAsync(Note note, CallContext context); }");

    [Theory]
    [InlineData("ValueTask<Missing> SendAsync(Note note, CallContext context = default);")]
    [InlineData("IAsyncEnumerable<Missing> SendAsync(Note note, CallContext context = default);")]
    [InlineData("ValueTask SendAsync(Missing.Type note, CallContext context = default);")]
    [InlineData("ValueTask AgreeAsync(Dialogue<Missing, Note> dialogue, CallContext context = default);")]
    [InlineData("[Codec<MissingCodec>] ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("[Envelope<MissingEnvelope>] ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("[ResetCode(0x10000, typeof(MissingException))] ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("[Json<MissingContext>] ValueTask SendAsync(object note, CallContext context = default);")]
    public void A_type_that_is_not_there_yet_is_waited_for_in_silence(string member)
    {
        GeneratorRun run = GeneratorRun.Of($"namespace Demo; [Protocol(\"/a\")] public partial interface IDemo {{ {member} }}");

        Assert.Empty(run.Sources);
        Assert.Null(run.Result.Exception);
        Assert.Empty(Parse(run).Problems);
    }

    [Theory]
    [InlineData("[Protocol(\"/a\")] public partial interface")]
    [InlineData("[Protocol(\"/a\")] public partial interface { ValueTask SendAsync(Note note, CallContext context); }")]
    [InlineData("public partial class { [Protocol(\"/a\")] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); } }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask (Note note, CallContext context); }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask SendAsync( }")]
    [InlineData("[Protocol(\"/a\"] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); }")]
    [InlineData("[Protocol(\"/a\", Discriminator = )] public partial interface IDemo { }")]
    [InlineData("[Protocol(\"/a\")] [Protocol(\"/b\")] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); } [Protocol(\"/b\")] partial interface IDemo { }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo : IDemo { ValueTask SendAsync(Note note, CallContext context); }")]
    [InlineData("[Protocol(\"/a\"), Limits(MaxMessage = \"x\")] public partial interface IDemo { }")]
    public void Code_that_is_being_typed_never_breaks_the_generator(string code)
    {
        GeneratorRun run = GeneratorRun.Of("namespace Demo; " + code);

        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Result.Diagnostics);
    }

    private static void YieldsNothing(string problem, string source)
    {
        GeneratorRun run = GeneratorRun.Of(source);

        Assert.Empty(run.Sources);
        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Result.Diagnostics);
        Assert.Contains(Parse(run).Problems, found => found.Kind.ToString() == problem && found.Location.SourceTree?.FilePath == "File0.cs");
    }

    private static ParseResult Parse(GeneratorRun run) => ProtocolParser.Parse(
        run.Compilation.GetSymbolsWithName(name => name is "IDemo" or "Protocol", SymbolFilter.Type).Cast<INamedTypeSymbol>().First(type => type.GetAttributes().Length > 0),
        run.Compilation,
        CancellationToken.None);
}
