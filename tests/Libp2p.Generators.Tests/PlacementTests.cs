using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests;

/// <summary>Wherever a declaration stands and whatever stands around it, what is generated compiles without a warning.</summary>
public sealed class PlacementTests
{
    [Theory]
    [InlineData("namespace A { namespace B.C { [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } } }")]
    [InlineData("namespace A.B; [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); }")]
    [InlineData("namespace System.Threading { } namespace Demo.Libp2p.System { using global::Libp2p; [Protocol(\"/a\")] public partial interface IDemo { global::System.Threading.Tasks.ValueTask PipeAsync(P2PStream stream, CallContext context); } class Threading; class CallContext2; }")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); interface DemoProtocol; }")]
    [InlineData("public partial class Outer { [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } class DemoProtocol; class Client; } class DemoProtocol;")]
    [InlineData("public partial class One { [Protocol(\"/{n=1}/a\")] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } } public partial class Two { [Protocol(\"/{n=1}/b\")] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } }")]
    [InlineData("[Protocol(\"/{n=1}/a\")] public partial interface IShow { ValueTask SendAsync(string text, CallContext context); } [Protocol(\"/{n=1}/b\")] public partial interface Show { ValueTask SendAsync(string text, CallContext context); }")]
    [InlineData("public static partial class Outer { [Protocol(\"/a\")] internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } }")]
    [InlineData("public partial interface IOuter { [Protocol(\"/a\")] internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } }")]
    [InlineData("public partial record class Outer(int X) { [Protocol(\"/a\")] internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } }")]
    [InlineData("global using Client = System.String; global using ValueTask2 = System.Threading.Tasks.ValueTask; namespace Demo { class Task; class TimeSpan; class Func; class Codecs; class Value; class Obsolete; [Protocol(\"/a\"), Limits(ReadSeconds = 1)] public partial interface IDemo { ValueTask2 PipeAsync(Client first, P2PStream stream, CallContext context); } }")]
    public void In_any_place(string source)
    {
        GeneratorRun run = GeneratorRun.Of(source);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.GeneratedProblems());
        AssertNone([.. run.Problems().Where(problem => problem.Contains(" error ", StringComparison.Ordinal))]);
    }

    [Theory]
    [InlineData("namespace Demo { namespace DemoProtocol { class Inner; } [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } }")]
    [InlineData("public partial class DemoProtocol { [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } }")]
    [InlineData("public partial class DemoProtocol { public partial class DemoProtocol2 { [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } } } class DemoProtocol2;")]
    [InlineData("public partial class IDemoProtocolExtensions { public partial class Outer { [Protocol(\"/{n=1}/a\")] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } } }")]
    [InlineData("[Protocol(\"/{n=1}/a\")] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); } class IDemoProtocolExtensions<T>; file class IDemoProtocolExtensions;")]
    [InlineData("namespace Demo { static class ProtocolTables { public const int Count = 3; } [Protocol(\"/a\")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); static int Helper => ProtocolTables.Count; } }")]
    [InlineData("interface IHelpers { class ProtocolTables { public const int Count = 3; } } [Protocol(\"/a\")] partial interface IDemo : IHelpers { ValueTask PipeAsync(P2PStream stream, CallContext context); static int Helper => ProtocolTables.Count; }")]
    [InlineData("namespace Demo { [Protocol(\"/a\")] public partial interface ProtocolTables { ValueTask PipeAsync(Note ProtocolTables2, P2PStream stream, CallContext context); } }")]
    public void Beside_names_that_the_generator_would_have_chosen(string source) => In_any_place(source);

    [Fact]
    public void Beside_such_names_in_a_reference()
    {
        GeneratorRun library = GeneratorRun.Of("namespace Demo { public class DemoProtocol; } namespace TalkProtocol { public class Inner; }");
        GeneratorRun run = new(CSharpCompilation.Create(
            "User",
            [
                library.Compilation.SyntaxTrees[0],
                GeneratorRun.Parse("""
                    namespace Demo { [Protocol("/a")] public partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); } }
                    [Protocol("/b")] public partial interface ITalk { ValueTask PipeAsync(P2PStream stream, CallContext context); }
                    """, "User.cs"),
            ],
            library.Compilation.References.Append(library.Whole.ToMetadataReference()),
            library.Compilation.Options));

        Assert.Equal(2, run.Sources.Length);
        AssertNone(run.GeneratedProblems());
    }

    [Theory]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); }", "[Protocol(\"/b\")] partial interface IDemo;")]
    [InlineData("[Protocol(\"/a\")] public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context); } [Protocol(\"/b\")] partial interface IDemo;", "")]
    public void Declared_twice_it_is_the_compiler_that_says_so_and_other_protocols_are_generated(string one, string other)
    {
        GeneratorRun run = GeneratorRun.Of(
            "namespace Demo; " + one, "namespace Demo; " + other, "[Protocol(\"/c\")] public partial interface ISound { ValueTask SendAsync(string text, CallContext context); }");

        Assert.Null(run.Result.Exception);
        Assert.Equal(["ISound.g.cs"], run.Sources.Select(source => source.HintName));
        Assert.Contains(run.Compilation.GetDiagnostics(), found => found.Id == "CS0579");
    }

    [Fact]
    public void Names_that_differ_in_case_only_are_files_of_their_own()
    {
        const string sound = "{ ValueTask SendAsync(string text, CallContext context); }";
        string one = "namespace Demo; [Protocol(\"/a\")] partial interface IChat " + sound;
        string other = "namespace Demo; [Protocol(\"/b\")] partial interface Ichat " + sound + " [Protocol(\"/c\")] partial interface IOther " + sound;
        string third = "namespace demo; [Protocol(\"/d\")] partial interface IChat " + sound;
        GeneratorRun run = GeneratorRun.Of(one, other, third);

        Assert.Null(run.Result.Exception);
        Assert.Equal(
            ["Demo.IChat.g.cs", "Demo.IOther.g.cs", "Demo.Ichat.2.g.cs", "demo.IChat.3.g.cs"],
            run.Sources.Select(source => source.HintName).Order(StringComparer.Ordinal));
        AssertNone(run.GeneratedProblems());
        Assert.Equal(run.Sources.Select(Text).Order(StringComparer.Ordinal), GeneratorRun.Of(third, other, one).Sources.Select(Text).Order(StringComparer.Ordinal));

        static string Text(GeneratedSourceResult source) => source.HintName + "\n" + source.SourceText;
    }

    [Theory]
    [InlineData("Client")]
    [InlineData("Value")]
    [InlineData("protocol")]
    [InlineData("streams")]
    [InlineData("s_send")]
    [InlineData("handler")]
    [InlineData("message")]
    [InlineData("context")]
    [InlineData("Libp2p")]
    [InlineData("System")]
    [InlineData("global")]
    [InlineData("@class")]
    [InlineData("@record")]
    [InlineData("field")]
    [InlineData("ToString")]
    [InlineData("Equals")]
    [InlineData("GetType")]
    [InlineData("MemberwiseClone")]
    [InlineData("Finalize")]
    [InlineData("DemoProtocol")]
    [InlineData("IDemo")]
    [InlineData("Ünïcödé")]
    public void Under_any_name(string name)
    {
        GeneratorRun run = GeneratorRun.Of($$"""
            namespace Demo;

            [Protocol("/a")]
            public partial interface IDemo
            {
                [Id("a")] ValueTask {{name}}(Note {{name}}, CallContext c);
                [Id("b")] ValueTask SendAsync(Note note, CallContext context);
                [Id("c")] ValueTask PipeAsync(P2PStream stream, CallContext context);
            }
            """);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.GeneratedProblems());
        AssertNone([.. run.Problems().Where(problem => problem.Contains(" error ", StringComparison.Ordinal))]);
    }

    [Theory]
    [InlineData("record")]
    [InlineData("file")]
    [InlineData("required")]
    [InlineData("scoped")]
    [InlineData("dynamic")]
    [InlineData("var")]
    [InlineData("nint")]
    [InlineData("await")]
    [InlineData("where")]
    [InlineData("Protocols")]
    public void An_interface_of_any_name(string name)
    {
        GeneratorRun run = GeneratorRun.Of($$"""
            namespace @{{name}}.Demo;

            public partial struct @partial
            {
                [Protocol("/{value=1}/{if=2}/{Protocol=2}")]
                public partial interface @{{name}} { ValueTask PipeAsync(P2PStream stream, CallContext context); }
            }
            """);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.GeneratedProblems());
    }

    [Fact]
    public void Messages_may_be_generic_tuples_and_nested()
    {
        GeneratorRun run = GeneratorRun.Of("""
            using System.Text.Json.Serialization;
            using System.Text.Json.Serialization.Metadata;
            #pragma warning disable CS1591
            namespace Demo;

            public sealed class Box<T> : Message<Box<T>> { public static global::Google.Protobuf.MessageParser<Box<T>> Parser { get; } = new(() => new Box<T>()); }

            public partial class Outer<T> { public sealed record Inner<U>(T One, U? Two); }

            public sealed class Context : JsonSerializerContext
            {
                public static Context Default { get; } = new();
                protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
                private Context() : base(null) { }
                public override JsonTypeInfo? GetTypeInfo(Type type) => null;
            }

            [Protocol("/a"), Json<Context>]
            public partial interface IDemo
            {
                [Id("a")] ValueTask<Box<List<string?>>?> OneAsync(Box<Dictionary<string, int[]?>> box, CallContext context);
                [Id("b")] IAsyncEnumerable<Outer<string>.Inner<int?>> TwoAsync(IAsyncEnumerable<(int Number, string? Text)> items, CallContext context);
                [Id("c")] ValueTask ThreeAsync(Dialogue<Box<Note>, Outer<Note?>.Inner<object>> dialogue, CallContext context);
                [Id("d")] ValueTask<dynamic> FourAsync(nint[,][] item, CallContext context);
                [Id("e")] ValueTask<List<(int A, (string? B, dynamic C) D)>?> FiveAsync(IAsyncEnumerable<Note> notes, int i = 0, CallContext context = default) => default;
            }
            """);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.Problems());
    }

    [Fact]
    public void The_same_file_may_be_linked_into_an_assembly_and_its_friend()
    {
        const string linked = """
            namespace Demo;

            [Protocol("/{network=ipfs}/a")]
            internal partial interface ILinked { ValueTask PipeAsync(P2PStream stream, CallContext context); }
            """;
        GeneratorRun library = GeneratorRun.Of("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Friend\")]", linked);
        AssertNone(library.Problems());

        GeneratorRun friend = new(library.Compilation
            .WithAssemblyName("Friend")
            .RemoveSyntaxTrees(library.Compilation.SyntaxTrees.Where(tree => tree.FilePath is "File0.cs" or "Messages.cs"))
            .AddReferences(library.Whole.ToMetadataReference()));

        Assert.NotEmpty(friend.Sources);
        AssertNone(friend.Problems());
    }

    [Fact]
    public void A_friend_declares_protocols_of_the_same_names_and_uses_those_it_sees()
    {
        GeneratorRun library = GeneratorRun.Of(
            "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Friend\")]",
            "namespace One; [Protocol(\"/{network=ipfs}/a\")] internal partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); }");
        GeneratorRun friend = new(CSharpCompilation.Create(
            "Friend",
            [
                library.Compilation.SyntaxTrees[0],
                GeneratorRun.Parse("""
                    namespace Two
                    {
                        [Protocol("/{network=ipfs}/b")]
                        internal partial interface IDemo { ValueTask PipeAsync(P2PStream stream, CallContext context); }
                    }

                    class User
                    {
                        object A => One.IDemo.Protocol;
                        object B => Two.IDemo.Protocol;
                    }
                    """, "User.cs"),
            ],
            library.Compilation.References.Append(library.Whole.ToMetadataReference()),
            library.Compilation.Options));

        Assert.NotEmpty(friend.Sources);
        AssertNone(friend.Problems());
    }

    [Theory]
    [InlineData("[Obsolete(\"Gone.\", true)]", "")]
    [InlineData("", "[Obsolete(\"Gone.\", true)]")]
    [InlineData("[System.Diagnostics.CodeAnalysis.Experimental(\"NEW1\")]", "")]
    [InlineData("", "[System.Diagnostics.CodeAnalysis.Experimental(\"NEW1\")]")]
    [InlineData("[System.Diagnostics.CodeAnalysis.Experimental(\"NEW1\"), Obsolete(DiagnosticId = \"OLD1\")]", "[Obsolete(\"Gone.\", true)]")]
    [InlineData("[System.Runtime.Versioning.UnsupportedOSPlatform(\"browser\")]", "[System.Runtime.Versioning.SupportedOSPlatform(\"linux\")]")]
    public void What_is_obsolete_or_experimental_still_works(string onInterface, string onMember)
    {
        GeneratorRun run = GeneratorRun.Of($$"""
            namespace Demo;

            {{onInterface}}
            [Protocol("/{network=ipfs}/a")]
            public partial interface IDemo
            {
                {{onMember}}
                ValueTask PipeAsync(P2PStream stream, CallContext context);
            }
            """);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.GeneratedProblems());
    }

    [Fact]
    public void Code_that_knows_no_nullable_references_is_no_obstacle()
    {
        GeneratorRun run = GeneratorRun.Of("""
            #nullable disable
            namespace Demo;

            [Protocol("/a")]
            internal partial interface IDemo
            {
                [Id("a")] ValueTask<Receipt> SendAsync(Note note, CallContext context);
                [Id("b")] ValueTask<Box<string>> BoxAsync(Box<Note> note, CallContext context);
            }

            internal sealed class Box<T> : Message<Box<T>> { public static global::Google.Protobuf.MessageParser<Box<T>> Parser { get; } = new(() => new Box<T>()); }
            """);

        Assert.NotEmpty(run.Sources);
        AssertNone(run.Problems());
    }

    private static void AssertNone(IReadOnlyList<string> problems) => Assert.True(problems.Count == 0, string.Join("\n", problems));
}
