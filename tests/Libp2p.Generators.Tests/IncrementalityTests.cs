using System.Runtime.CompilerServices;
using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests;

public sealed class IncrementalityTests
{
    private const string Chat = """
        namespace Demo;

        [Protocol("/chat/1.0.0")]
        public partial interface IChat
        {
            [Id("send")]
            ValueTask<Receipt> SendAsync(Note note, CallContext context = default);
        }
        """;

    private const string Feed = """
        namespace Demo;

        [Protocol("/feed/1.0.0")]
        public partial interface IFeed
        {
            IAsyncEnumerable<Note> FollowAsync(CallContext context = default);
        }
        """;

    [Fact]
    public void A_comment_changes_nothing()
    {
        GeneratorRun run = GeneratorRun.Of(Chat);

        run.Replace("File0.cs", "// A comment moves every line.\n" + Chat.Replace("ValueTask<Receipt>", "/* and every column */ ValueTask<Receipt>", StringComparison.Ordinal));

        AssertStill(run);
    }

    [Fact]
    public void An_unrelated_file_changes_nothing()
    {
        GeneratorRun run = GeneratorRun.Of(Chat, Feed);

        run.Add("Other.cs", "namespace Demo; class Other { void M() { } }");

        AssertStill(run);
    }

    [Fact]
    public void A_helpers_body_changes_nothing()
    {
        string helper = Chat.Replace("    [Id", "    int Helper() => 1;\n\n    [Id", StringComparison.Ordinal);
        GeneratorRun run = GeneratorRun.Of(helper);

        run.Replace("File0.cs", helper.Replace("=> 1", "=> 2", StringComparison.Ordinal));

        AssertStill(run);
    }

    [Fact]
    public void An_edit_in_a_file_that_the_declaration_uses_changes_nothing()
    {
        const string kept = "namespace Demo; public class Kept { int _count = 1; }";
        GeneratorRun run = GeneratorRun.Of(Chat, kept);

        run.Replace("File1.cs", kept.Replace("= 1", "= 2; void Added() { }", StringComparison.Ordinal));
        AssertStill(run);
        run.Replace("Messages.cs", Messages.Source.Replace("CalculateSize() => 0", "CalculateSize() => 1", StringComparison.Ordinal));
        AssertStill(run);
    }

    [Fact]
    public void Another_type_in_the_same_file_changes_nothing()
    {
        GeneratorRun run = GeneratorRun.Of(Chat);

        run.Replace("File0.cs", "global using System.Text;\n" + Chat + "\nclass Other { void M() { } }");

        AssertStill(run);
    }

    [Fact]
    public void A_reference_more_changes_nothing()
    {
        GeneratorRun run = GeneratorRun.Of(Chat, Feed);

        run.Add(CSharpCompilation.Create("Other", [GeneratorRun.Parse("public class Other;", "Other.cs")], [run.Compilation.References.First()])
            .ToMetadataReference());

        AssertStill(run);
    }

    [Fact]
    public void The_summary_of_a_member_that_is_opened_is_emitted_again()
    {
        string raw = Chat.Replace("ValueTask<Receipt> SendAsync(Note note", "ValueTask PipeAsync(P2PStream stream", StringComparison.Ordinal)
            .Replace("    [Id", "    /// <summary>Old.</summary>\n    [Id", StringComparison.Ordinal);
        GeneratorRun run = GeneratorRun.Of(raw);

        run.Replace("File0.cs", raw.Replace("Old.", "New.", StringComparison.Ordinal));

        Assert.Equal([IncrementalStepRunReason.Modified], run.OutputReasons());
    }

    [Fact]
    public void The_summary_of_a_member_that_is_not_opened_changes_nothing()
    {
        string documented = Chat.Replace("    [Id", "    /// <summary>Old.</summary>\n    [Id", StringComparison.Ordinal);
        GeneratorRun run = GeneratorRun.Of(documented);

        run.Replace("File0.cs", documented.Replace("Old.", "New.", StringComparison.Ordinal));

        AssertStill(run);
    }

    [Fact]
    public void A_compilation_that_is_past_is_let_go()
    {
        GeneratorRun run = new(GeneratorRun.Of(Chat, Feed).Compilation, isTracked: false);
        WeakReference past = Edit(run);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(past.IsAlive);
        Assert.Equal(2, run.Sources.Length);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Edit(GeneratorRun run)
        {
            run.Add("Other.cs", "class Other;");
            WeakReference past = new(run.Compilation);
            run.Replace("Other.cs", "class Another;");
            run.Replace("File1.cs", Feed.Replace("/feed/1.0.0", "/feed/1.1.0", StringComparison.Ordinal));
            return past;
        }
    }

    [Fact]
    public void Only_the_protocol_that_changed_is_emitted_again()
    {
        GeneratorRun run = GeneratorRun.Of(Chat, Feed);

        run.Replace("File1.cs", Feed.Replace("/feed/1.0.0", "/feed/1.1.0", StringComparison.Ordinal));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], run.OutputReasons().Order());
        Assert.Contains("/feed/1.1.0", run.Sources.Single(source => source.HintName == "Demo.IFeed.g.cs").SourceText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Models_hold_nothing_of_a_compilation()
    {
        HashSet<Type> seen = [];
        Check(typeof(Model.ProtocolModel), seen);

        static void Check(Type type, HashSet<Type> seen)
        {
            if (!seen.Add(type) || type.IsPrimitive || type == typeof(string) || type.IsEnum)
            {
                return;
            }

            Assert.False(type.Assembly == typeof(ISymbol).Assembly, $"{type} belongs to the compiler");
            foreach (System.Reflection.FieldInfo field in type.GetFields(
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public))
            {
                Type held = field.FieldType;
                Check(Nullable.GetUnderlyingType(held) ?? held, seen);
                Array.ForEach(held.GetGenericArguments(), argument => Check(argument, seen));
            }
        }
    }

    private static void AssertStill(GeneratorRun run)
    {
        Assert.All(run.Reasons(StepNames.Model), reason => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
        Assert.All(run.OutputReasons(), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}
