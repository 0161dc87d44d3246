using Libp2p.Analyzers.Tests.Harness;

namespace Libp2p.Analyzers.Tests;

/// <summary>A context or token that is at hand is passed on, or left out on purpose.</summary>
public sealed class DroppedCancellationTests
{
    [Theory]
    [InlineData("async ValueTask M(CallContext context) { await chat.[|SendAsync|](note); await chat.SendAsync(note, context); }")]
    [InlineData("async ValueTask M(CancellationToken token) { await chat.[|SendAsync|](note); }")]
    [InlineData("async Task M(CallContext context) { await Wait.[|ForAsync|](1); }")]
    [InlineData("async ValueTask M(CallContext context) { await using P2PStream stream = await chat.[|OpenPipeAsync|](); }")]
    [InlineData("async ValueTask M(CallContext context) { Func<ValueTask> send = () => chat.[|SendAsync|](note); await send(); }")]
    [InlineData("ValueTask M(CallContext context) { return Send(); ValueTask Send() => chat?.[|SendAsync|](note) ?? default; }")]
    [InlineData("async ValueTask M(CallContext context) { await foreach (Note one in chat.[|FollowAsync|]()) { } }")]
    public Task Left_out_it_is_flagged(string member) => AnalyzerRun.FlagsAsync("P2P0070", Declare(member));

    [Theory]
    [InlineData("async ValueTask M(CallContext context) { await chat.SendAsync(note, default); }")]
    [InlineData("async ValueTask M() { await chat.SendAsync(note); CallContext context = default; await chat.SendAsync(note, context); }")]
    [InlineData("async Task M(CancellationToken token) { await Wait.ForAsync(1); }")]
    [InlineData("ValueTask M(CallContext context) { return Send(); static ValueTask Send() => new Uses(null!, null!).chat.SendAsync(null!); }")]
    [InlineData("async ValueTask M(CallContext context) { Func<string, ValueTask> send = context => chat.SendAsync(note); await send(\"\"); }")]
    [InlineData("async ValueTask M(CallContext context) { try { await chat.SendAsync(note, context); } catch (Exception) { await chat.SendAsync(note); } finally { await chat.SendAsync(note); } }")]
    [InlineData("async ValueTask M(CallContext context) { await foreach (Note one in chat.FollowAsync().WithCancellation(context.CancellationToken)) { } }")]
    [InlineData("async ValueTask M(CallContext context) { await Wait.BothAsync(context); }")]
    public Task Where_it_is_passed_or_not_at_hand_nothing_is_flagged(string member) => AnalyzerRun.FlagsAsync("none", Declare(member));

    [Theory]
    [InlineData("chat.SendAsync(note)", "chat.SendAsync(note, context)")]
    [InlineData("chat.SendAsync(note: note)", "chat.SendAsync(note: note, context: context)")]
    [InlineData("Wait.NowAsync()", "Wait.NowAsync(context)")]
    [InlineData("Wait.ForAsync()", "Wait.ForAsync(token: context.CancellationToken)")]
    [InlineData("Wait.ForAsync(1)", "Wait.ForAsync(1, context.CancellationToken)")]
    public async Task The_fix_passes_what_is_at_hand(string wrong, string right) => Assert.Equal(
        Declare($"async Task M(CallContext context) {{ await {right}; }}"),
        await FixRun.FirstAsync("P2P0070", Declare($"async Task M(CallContext context) {{ await {wrong}; }}")));

    [Fact]
    public async Task Calls_within_calls_are_corrected_at_once() => Assert.Equal(
        Declare("async Task M(CallContext context) { await chat.SendAsync(await chat.AskAsync(note, context), context); }"),
        await FixRun.AllAsync("P2P0070", Declare("async Task M(CallContext context) { await chat.SendAsync(await chat.AskAsync(note)); }")));

    private static string Declare(string member) => $$"""
        namespace Demo;

        [Protocol("/a"), Limits(MaxMessage = 9)]
        public partial interface IChat
        {
            [Id("send")] ValueTask SendAsync(Note note, CallContext context = default);
            [Id("ask")] ValueTask<Note> AskAsync(Note note, CallContext context = default);
            [Id("pipe")] ValueTask PipeAsync(P2PStream stream, CallContext context = default);
            [Id("follow")] IAsyncEnumerable<Note> FollowAsync(CallContext context = default);
        }

        static class Wait
        {
            public static Task ForAsync(int times = 1, CancellationToken token = default) => Task.CompletedTask;
            public static Task NowAsync(CallContext context = default) => Task.CompletedTask;
            public static Task BothAsync(CallContext context, CancellationToken token = default) => Task.CompletedTask;
        }

        class Uses(IChat chat, Note note)
        {
            public readonly IChat chat = chat;
            readonly Note note = note;
            {{member}}
        }
        """;
}
