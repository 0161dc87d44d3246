using System.Text;

namespace Libp2p.Generators.Emit;

/// <summary>Writes source text: lines that are not too long, blocks, and blank lines between what belongs apart.</summary>
internal sealed class SourceWriter
{
    /// <summary>Characters of a line that may still hold several parts; a single part may be longer.</summary>
    private const int Width = 140;

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

    /// <summary>A value behind its name, or below it where both are too long for a line.</summary>
    /// <param name="name">The name, up to what stands between.</param>
    /// <param name="value">The value, and what ends it.</param>
    public void Value(string name, string value)
    {
        if (Fits($"{name} {value}"))
        {
            Line($"{name} {value}");
            return;
        }

        Line(name);
        using (Indent())
        {
            Line(value);
        }
    }

    /// <summary>Parts separated by commas: behind the head where they fit, else below it, and each on a line of its own only if it must be.</summary>
    /// <param name="head">What stands before them, up to the bracket.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="tail">What follows, from the bracket.</param>
    public void List(string head, IEnumerable<string> parts, string tail)
    {
        string[] all = [.. parts];
        string line = head + string.Join(", ", all) + tail;
        if (all.Length == 0 || Fits(line))
        {
            Line(line);
            return;
        }

        Line(head);
        using (Indent())
        {
            all[all.Length - 1] += tail;
            string below = string.Join(", ", all);
            foreach (string part in Fits(below) ? [below] : all.Select((part, i) => i + 1 < all.Length ? part + "," : part))
            {
                Line(part);
            }
        }
    }

    /// <summary>The elements of an array: behind the head where they fit, else each on a line of its own.</summary>
    /// <param name="head">What stands before the brace.</param>
    /// <param name="elements">The elements, one at the least.</param>
    /// <param name="tail">What follows the closing brace.</param>
    public void Array(string head, IEnumerable<string> elements, string tail)
    {
        string[] all = [.. elements];
        string line = $"{head} {{ {string.Join(", ", all)} }}{tail}";
        if (Fits(line))
        {
            Line(line);
            return;
        }

        using (Block(head, tail))
        {
            foreach (string element in all)
            {
                Line(element + ",");
            }
        }
    }

    /// <summary>A method that passes its work on.</summary>
    /// <param name="returned">Its modifiers and what it returns.</param>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="callee">What it calls.</param>
    /// <param name="arguments">With what.</param>
    public void Method(string returned, string name, IEnumerable<string> parameters, string callee, IEnumerable<string> arguments)
    {
        if (!Fits($"{returned} {name}("))
        {
            Line(returned);
            using (Indent())
            {
                Method(name, parameters, callee, arguments);
            }

            return;
        }

        Method($"{returned} {name}", parameters, callee, arguments);
    }

    /// <summary>Documentation under one tag; none where there are no lines.</summary>
    public void Documentation(string tag, params IReadOnlyList<string> lines) => Documentation(tag, "", lines);

    /// <summary>The same under a tag with an attribute.</summary>
    public void Documentation(string tag, string attribute, IReadOnlyList<string> lines)
    {
        string line = $"/// <{tag}{attribute}>{(lines.Count > 0 ? lines[0] : "")}</{tag}>";
        if (lines.Count == 1 && Fits(line))
        {
            Line(line);
        }
        else if (lines.Count > 0)
        {
            Line($"/// <{tag}{attribute}>");
            foreach (string text in lines)
            {
                Line($"/// {text}");
            }

            Line($"/// </{tag}>");
        }
    }

    /// <summary>Opens a block in braces; disposing of the result closes it.</summary>
    /// <param name="header">The line before it.</param>
    /// <param name="end">What follows the closing brace.</param>
    public Scope Block(string header, string end = "")
    {
        Line(header);
        return Braces(end);
    }

    /// <summary>The same below what was just written.</summary>
    public Scope Braces(string end = "")
    {
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

    private void Method(string signature, IEnumerable<string> parameters, string callee, IEnumerable<string> arguments)
    {
        List(signature + "(", parameters, ") =>");
        using (Indent())
        {
            List(callee + "(", arguments, ");");
        }
    }

    private bool Fits(string line) => (4 * _indent) + line.Length <= Width;

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
