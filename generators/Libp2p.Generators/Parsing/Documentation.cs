using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Takes over what the author wrote.</summary>
internal static class Documentation
{
    /// <summary>The method, as documentation refers to it.</summary>
    public static string ReferenceTo(IMethodSymbol method) => method.ContainingType.GetMembers(method.Name).Length == 1
        ? $"<see cref=\"{Symbols.Escaped(method.Name)}\"/>"
        : $"<c>{method.Name}</c>";

    /// <summary>
    /// The lines of the summary, still XML; none where there is no documentation, or it is malformed. Parameters are only named: the
    /// generated member has others.
    /// </summary>
    public static IReadOnlyList<string> SummaryOf(ISymbol symbol, CancellationToken cancellationToken)
    {
        string? xml = symbol.GetDocumentationCommentXml(cancellationToken: cancellationToken);
        if (string.IsNullOrWhiteSpace(xml))
        {
            return [];
        }

        try
        {
            XElement? summary = XElement.Parse(xml, LoadOptions.PreserveWhitespace).Element("summary");
            foreach (XElement parameter in summary?.Descendants("paramref").ToArray() ?? [])
            {
                parameter.ReplaceWith(new XElement("c", parameter.Attribute("name")?.Value));
            }

            string text = summary is null ? "" : string.Concat(summary.Nodes().Select(node => node.ToString(SaveOptions.DisableFormatting)));
            return [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        }
        catch (XmlException)
        {
            return [];
        }
    }
}
