using Libp2p.Analyzers.Tests.Harness;

namespace Libp2p.Analyzers.Tests;

/// <summary>What each fix makes of code, to the character.</summary>
public sealed class FixTests
{
    [Fact]
    public async Task Interface_and_containers_become_partial() => Assert.Equal("""
        namespace Demo;

        /// <summary>Outer.</summary>
        public static partial class Outer
        {
            internal partial record struct Middle
            {
                [Protocol("/a"), Limits(MaxMessage = 9)]
                public partial interface IDemo { ValueTask SendAsync(Note note, CallContext context = default); }
            }
        }
        """, await FixRun.FirstAsync("P2P0001", """
        namespace Demo;

        /// <summary>Outer.</summary>
        public static class Outer
        {
            internal record struct Middle
            {
                [Protocol("/a"), Limits(MaxMessage = 9)]
                public interface IDemo { ValueTask SendAsync(Note note, CallContext context = default); }
            }
        }
        """));

    [Fact]
    public async Task All_containers_become_partial_at_once() => Assert.Equal("""
        partial class One
        {
            [Protocol("/a"), Limits(MaxMessage = 9)]
            internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context = default); }

            // Not partial either.
            internal partial class Two { [Protocol("/b"), Limits(MaxMessage = 9)] internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context = default); } }
        }
        """, await FixRun.AllAsync("P2P0002", """
        class One
        {
            [Protocol("/a"), Limits(MaxMessage = 9)]
            internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context = default); }

            // Not partial either.
            internal class Two { [Protocol("/b"), Limits(MaxMessage = 9)] internal partial interface IDemo { ValueTask SendAsync(string text, CallContext context = default); } }
        }
        """));

    [Theory]
    [InlineData("P2P0021", "ValueTask SendAsync(Note note);", "ValueTask SendAsync(Note note, CallContext context = default);")]
    [InlineData("P2P0021", "ValueTask<Note> FetchAsync();", "ValueTask<Note> FetchAsync(CallContext context = default);")]
    [InlineData("P2P0021", "ValueTask SendAsync(Note context, CancellationToken token = default);", "ValueTask SendAsync(Note context, CallContext callContext = default);")]
    [InlineData("P2P0014", "[Id(\"/send/\")] ValueTask SendAsync(Note note, CallContext context);", "[Id(\"send\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0016", "[Since(\"/a/1.1\")] ValueTask SendAsync(Note note, CallContext context);", "[Since(\"/a/1.1.0\")] ValueTask SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0020", "System.Threading.Tasks.Task<Note> SendAsync(Note note, CallContext context);", "System.Threading.Tasks.ValueTask<Note> SendAsync(Note note, CallContext context);")]
    [InlineData("P2P0023", "IAsyncEnumerable<byte[]> TalkAsync(IAsyncEnumerable<byte[]> said, CallContext context);", "IAsyncEnumerable<ReadOnlyMemory<byte>> TalkAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> said, CallContext context);")]
    public async Task A_member_is_corrected(string id, string wrong, string right) => Assert.Equal(Declare(right), await FixRun.FirstAsync(id, Declare(wrong)));

    [Theory]
    [InlineData("\"a/1.1.0\"", "\"/a/1.1.0\"")]
    [InlineData("\" //a/1.1.0/ \"", "\"/a/1.1.0\"")]
    public async Task The_slashes_of_an_id_are_put_right(string wrong, string right) =>
        Assert.Equal(Declare("ValueTask SendAsync(Note note, CallContext context);").Replace("\"/a/1.1.0\"", right, StringComparison.Ordinal),
            await FixRun.FirstAsync("P2P0011", Declare("ValueTask SendAsync(Note note, CallContext context);").Replace("\"/a/1.1.0\"", wrong, StringComparison.Ordinal)));

    [Fact]
    public async Task The_second_of_two_ids_is_removed() => Assert.Equal(
        "[Protocol(\"/a\", \"/b\"), Limits(MaxMessage = 9)] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); }",
        await FixRun.AllAsync("P2P0012", "[Protocol(\"/a\", \"/b\", \"/a\", \"/b\"), Limits(MaxMessage = 9)] public partial interface IDemo { ValueTask SendAsync(string text, CallContext context); }"));

    [Fact]
    public async Task Each_operation_gets_an_id_of_its_own() => Assert.Equal("""
        [Protocol("/a"), Limits(MaxMessage = 9)]
        public partial interface IDemo
        {
            /// <summary>Finds.</summary>
            [Id("find-node")]
            ValueTask FindNodeAsync(string text, CallContext context = default);

            // The other.
            [Id("send")]
            ValueTask SendAsync(string text, CallContext context = default);
        }
        """, await FixRun.AllAsync("P2P0015", """
        [Protocol("/a"), Limits(MaxMessage = 9)]
        public partial interface IDemo
        {
            /// <summary>Finds.</summary>
            ValueTask FindNodeAsync(string text, CallContext context = default);

            // The other.
            ValueTask SendAsync(string text, CallContext context = default);
        }
        """));

    [Fact]
    public async Task Limits_are_written_out_where_they_are_missing() => Assert.Equal("""
        namespace Demo;

        [Protocol("/a")]
        public partial interface IDemo
        {
            /// <summary>Sends.</summary>
            [Id("send")]
            [Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10, InboundPerPeer = 32, OutboundPerPeer = 32)]
            ValueTask SendAsync(Note note, CallContext context = default);

            [Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10, InboundPerPeer = 32, OutboundPerPeer = 32)]
            ValueTask PipeAsync(P2PStream stream, CallContext context = default);
        }
        """, await FixRun.AllAsync("P2P0030", """
        namespace Demo;

        [Protocol("/a")]
        public partial interface IDemo
        {
            /// <summary>Sends.</summary>
            [Id("send")]
            ValueTask SendAsync(Note note, CallContext context = default);

            ValueTask PipeAsync(P2PStream stream, CallContext context = default);
        }
        """));

    [Theory]
    [InlineData("P2P0011", "\"/a/1.1.0\"", "\"/{a}\"")]
    [InlineData("P2P0011", "\"/a/1.1.0\"", "\"/\"")]
    [InlineData("P2P0011", "\"/a/1.1.0\"", "null!")]
    [InlineData("P2P0021", "(Note note, CallContext context)", "(CallContext context, Note note)")]
    [InlineData("P2P0020", "ValueTask SendAsync", "void SendAsync")]
    [InlineData("P2P0023", "(Note note", "(int note")]
    [InlineData("P2P0014", "ValueTask SendAsync", "[Id(\"\")] ValueTask SendAsync")]
    public async Task Where_only_the_author_knows_nothing_is_offered(string id, string sound, string wrong) => Assert.Null(
        await FixRun.FirstAsync(id, Declare("ValueTask SendAsync(Note note, CallContext context);").Replace(sound, wrong, StringComparison.Ordinal)));

    private static string Declare(string member) =>
        $"namespace Demo;\n\n[Protocol(\"/a/1.1.0\", \"/a/1.0.0\"), Limits(MaxMessage = 9)]\npublic partial interface IDemo\n{{\n    {member}\n}}\n";
}
