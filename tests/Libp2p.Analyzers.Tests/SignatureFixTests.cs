using Libp2p.Analyzers.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Analyzers.Tests;

/// <summary>A fix of a signature takes along what implements it in the same solution, wherever it stands.</summary>
public sealed class SignatureFixTests
{
    [Theory]
    [InlineData("ValueTask SendAsync(Note note);", "public ValueTask SendAsync(Note note) => default;", "public ValueTask SendAsync(Note note, CallContext context = default) => default;")]
    [InlineData("ValueTask SendAsync(Note note);", "ValueTask IDemo.SendAsync(Note note) => default;", "ValueTask IDemo.SendAsync(Note note, CallContext context) => default;")]
    [InlineData(
        "ValueTask SendAsync(Note note, CancellationToken token);",
        "public async ValueTask SendAsync(Note context, CancellationToken cancel) { cancel.ThrowIfCancellationRequested(); await Task.Delay(1, cancel); }",
        "public async ValueTask SendAsync(Note context, CallContext callContext = default) { callContext.CancellationToken.ThrowIfCancellationRequested(); await Task.Delay(1, callContext.CancellationToken); }")]
    public Task An_implementation_takes_a_context_too(string operation, string wrong, string right) => CorrectsAsync("P2P0021", operation, wrong, right);

    [Theory]
    [InlineData("Task SendAsync(Note note, CallContext context);", "public async Task SendAsync(Note note, CallContext context) { await Task.Yield(); }", "public async ValueTask SendAsync(Note note, CallContext context) { await Task.Yield(); }")]
    [InlineData("Task SendAsync(Note note, CallContext context);", "public Task SendAsync(Note note, CallContext context) => Task.CompletedTask;", "public ValueTask SendAsync(Note note, CallContext context) => new(Task.CompletedTask);")]
    [InlineData(
        "Task<Note> AskAsync(Note note, CallContext context);",
        "public Task<Note> AskAsync(Note note, CallContext context) { Func<Task<Note>> ask = () => { return Task.FromResult(note); }; return ask(); }",
        "public ValueTask<Note> AskAsync(Note note, CallContext context) { Func<Task<Note>> ask = () => { return Task.FromResult(note); }; return new(ask()); }")]
    [InlineData("Task SendAsync(Note note, CallContext context);", "Task IDemo.SendAsync(Note note, CallContext context) => throw new NotSupportedException();", "ValueTask IDemo.SendAsync(Note note, CallContext context) => throw new NotSupportedException();")]
    public Task An_implementation_returns_a_value_task_too(string operation, string wrong, string right) => CorrectsAsync("P2P0020", operation, wrong, right);

    [Theory]
    [InlineData(
        "ValueTask<byte[]> EchoAsync(byte[] bytes, CallContext context);",
        "public async ValueTask<byte[]> EchoAsync(byte[] bytes, CallContext context) { await Task.Yield(); byte[] copy = [bytes[0]]; return copy; }",
        "public async ValueTask<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes, CallContext context) { await Task.Yield(); byte[] copy = [bytes.ToArray()[0]]; return copy; }")]
    public Task An_implementation_takes_and_returns_memory_too(string operation, string wrong, string right) => CorrectsAsync("P2P0023", operation, wrong, right);

    [Fact]
    public async Task All_declarations_of_a_project_are_corrected_at_once_and_each_implementation_once()
    {
        string one = Declare("IOne", "ValueTask SendAsync(Note note);"), two = Declare("ITwo", "ValueTask SendAsync(Note note);");
        const string both = "namespace Demo; class Both : IOne, ITwo { public ValueTask SendAsync(Note note) => default; }";

        string[] corrected = await FixRun.AllOfAsync("P2P0021", FixAllScope.Project, one, two, both);

        Assert.Equal(
            [
                Declare("IOne", "ValueTask SendAsync(Note note, CallContext context = default);"),
                Declare("ITwo", "ValueTask SendAsync(Note note, CallContext context = default);"),
                "namespace Demo; class Both : IOne, ITwo { public ValueTask SendAsync(Note note, CallContext context = default) => default; }",
            ],
            corrected);
        await CompilesAsync(corrected);
    }

    private static async Task CorrectsAsync(string id, string operation, string wrong, string right)
    {
        string[]? corrected = await FixRun.FirstOfAsync(id, Declare("IDemo", operation), Implement(wrong));

        Assert.Equal(Implement(right), corrected?[1]);
        await CompilesAsync(corrected!);
    }

    private static async Task CompilesAsync(string[] sources)
    {
        Compilation compilation = Sources.Compile(sources[0])
            .AddSyntaxTrees(sources.Skip(1).Select((source, i) => CSharpSyntaxTree.ParseText(source, Sources.Parsing, $"Other{i}.cs")));
        AnalyzerRun run = await AnalyzerRun.OfAsync(compilation);

        Assert.Empty(run.Errors);
        Assert.Empty(run.Diagnostics);
    }

    private static string Declare(string name, string operation) =>
        $"namespace Demo; [Protocol(\"/{name}\"), Limits(MaxMessage = 9)] public partial interface {name} {{ {operation} }}";

    private static string Implement(string member) => $"namespace Demo; class Service : IDemo {{ {member} }}";
}
