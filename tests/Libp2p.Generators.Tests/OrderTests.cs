using Libp2p.Generators.Tests.Harness;

namespace Libp2p.Generators.Tests;

public sealed class OrderTests
{
    private static readonly (string Path, string Text)[] s_files =
    [
        ("B.cs", """
            namespace Demo;

            [Protocol("/demo/1.0.0")]
            public partial interface IDemo
            {
                [Id("two")]
                ValueTask TwoAsync(Note note, CallContext context = default);
            }
            """),
        ("A.cs", """
            namespace Demo;

            public partial interface IDemo
            {
                [Id("one")]
                ValueTask OneAsync(Note note, CallContext context = default);
            }
            """),
        ("C.cs", """
            namespace Demo;

            partial interface IDemo
            {
                [Id("three")]
                ValueTask ThreeAsync(P2PStream stream, CallContext context = default);
            }
            """),
    ];

    [Fact]
    public void The_parts_of_an_interface_come_together_in_the_order_of_their_files()
    {
        GeneratorRun run = GeneratorRun.OfFiles(s_files);

        Assert.Contains("[] { s_one, s_two, s_three }", run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Problems(), problem => !problem.Contains("CS1591", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 2, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(2, 1, 0)]
    public void The_order_in_which_files_are_compiled_changes_nothing(int first, int second, int third)
    {
        string expected = GeneratorRun.OfFiles(s_files).Text;

        Assert.Equal(expected, GeneratorRun.OfFiles(s_files[first], s_files[second], s_files[third]).Text);
    }

    [Fact]
    public void Line_endings_are_line_feeds_whatever_the_source_has()
    {
        string source = s_files[0].Text.ReplaceLineEndings("\r\n").Replace(
            "[Id", "/// <summary>\r\n    /// One\r\n    /// two\r\n    /// </summary>\r\n    [Id", StringComparison.Ordinal).Replace(
            "TwoAsync(Note note", "TwoAsync(P2PStream stream", StringComparison.Ordinal);

        string text = GeneratorRun.Of(source).Text;

        Assert.DoesNotContain('\r', text);
        Assert.Contains("/// One\n        /// two\n", text, StringComparison.Ordinal);
    }
}
