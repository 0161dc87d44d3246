using System.Text;

namespace Libp2p.Generators.Emit;

/// <summary>Writes source text: lines, blocks, and blank lines between what belongs apart.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _indent;

    /// <summary>A line, indented; an empty one is not.</summary>
    public void Line(string text = "")
    {
        if (text.Length > 0)
        {
            _text.Append(' ', 4 * _indent).Append(text);
        }

        _text.Append('\n');
    }

    /// <summary>Lines of documentation under one tag.</summary>
    public void Documentation(string tag, params IReadOnlyList<string> lines)
    {
        if (lines.Count == 1)
        {
            Line($"/// <{tag}>{lines[0]}</{tag}>");
            return;
        }

        Line($"/// <{tag}>");
        foreach (string line in lines)
        {
            Line($"/// {line}");
        }

        Line($"/// </{tag}>");
    }

    /// <summary>Opens a block in braces; disposing of the result closes it.</summary>
    /// <param name="header">The line before it.</param>
    /// <param name="end">What follows the closing brace.</param>
    public Scope Block(string header, string end = "")
    {
        Line(header);
        Line("{");
        _indent++;
        return new Scope(this, "}" + end);
    }

    /// <summary>Indents what follows, until the result is disposed of.</summary>
    public Scope Indent()
    {
        _indent++;
        return new Scope(this, null);
    }

    public override string ToString() => _text.ToString();

    internal readonly struct Scope(SourceWriter writer, string? end) : IDisposable
    {
        public void Dispose()
        {
            writer._indent--;
            if (end is not null)
            {
                writer.Line(end);
            }
        }
    }
}
