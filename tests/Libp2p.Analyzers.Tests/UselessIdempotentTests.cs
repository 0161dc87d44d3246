using Libp2p.Analyzers.Tests.Harness;

namespace Libp2p.Analyzers.Tests;

/// <summary>Where <c>[Idempotent]</c> is flagged: on each shape that is never sent again, and on no other.</summary>
public sealed class UselessIdempotentTests
{
    [Theory]
    [InlineData("[[|Idempotent|]] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("[[|Idempotent|]] ValueTask<Note> FetchAsync(CallContext context);")]
    [InlineData("[[|Idempotent|]] IAsyncEnumerable<Note> FollowAsync(Note note, CallContext context);")]
    [InlineData("[[|Idempotent|]] ValueTask<Note> CountAsync(IAsyncEnumerable<Note> notes, CallContext context);")]
    [InlineData("[[|Idempotent|]] IAsyncEnumerable<Note> TalkAsync(IAsyncEnumerable<Note> notes, CallContext context);")]
    [InlineData("[[|Idempotent|]] ValueTask AgreeAsync(Dialogue<Note, Note> dialogue, CallContext context);")]
    [InlineData("[[|Idempotent|]] ValueTask @event(P2PStream stream, CallContext context);")]
    [InlineData("[Id(\"a\"), Idempotent] ValueTask<Note?> AskAsync(Note note, CallContext context); [Id(\"b\"), [|Idempotent|]] ValueTask TellAsync(Note note, CallContext context);")]
    [InlineData("[Idempotent] ValueTask<Note> AskAsync(Note note, CallContext context);")]
    public Task It_is_flagged_on_what_is_never_sent_again(string member) => AnalyzerRun.FlagsAsync("P2P0065", Declare(member));

    [Fact]
    public Task A_flawed_declaration_says_only_what_keeps_it_from_being_generated() =>
        AnalyzerRun.FlagsAsync("P2P0020", Declare("[Idempotent] void [|Send|](Note note, CallContext context);"));

    [Theory]
    [InlineData("[Idempotent] ValueTask SendAsync(Note note, CallContext context);", "ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("[Id(\"a\"), Idempotent] ValueTask SendAsync(Note note, CallContext context);", "[Id(\"a\")] ValueTask SendAsync(Note note, CallContext context);")]
    public async Task The_fix_removes_it(string wrong, string right) => Assert.Equal(Declare(right), await FixRun.FirstAsync("P2P0065", Declare(wrong)));

    private static string Declare(string member) =>
        $"namespace Demo; [Protocol(\"/a\"), Limits(MaxMessage = 9)] public partial interface IDemo {{ {member} }}";
}
