using System.Xml;
using System.Xml.Linq;
using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>What the author wrote of a member, as the member that the generator adds beside it can say it: its parameters are fewer.</summary>
internal sealed class Documentation
{
    /// <summary>Nothing said, or nothing that anybody repeats.</summary>
    public static readonly Documentation None = new(null, new HashSet<string>());

    private readonly XElement? _xml;
    private readonly ISet<string> _parameters;

    private Documentation(XElement? xml, ISet<string> parameters)
    {
        _xml = xml;
        _parameters = parameters;
    }

    /// <summary>Nothing where there is no documentation, or it is malformed.</summary>
    /// <param name="method">The author's member.</param>
    /// <param name="parameters">Those that the added one has as well; others are only named.</param>
    /// <param name="cancellationToken">The parse is no longer wanted.</param>
    public static Documentation Of(IMethodSymbol method, IEnumerable<string> parameters, CancellationToken cancellationToken)
    {
        HashSet<string> kept = new(parameters, StringComparer.Ordinal);
        string? xml = method.GetDocumentationCommentXml(cancellationToken: cancellationToken);
        try
        {
            return new Documentation(string.IsNullOrWhiteSpace(xml) ? null : XElement.Parse(xml, LoadOptions.PreserveWhitespace), kept);
        }
        catch (XmlException)
        {
            return new Documentation(null, kept);
        }
    }

    /// <summary>The method, as documentation refers to it.</summary>
    public static string ReferenceTo(IMethodSymbol method) => method.ContainingType.GetMembers(method.Name).Length == 1
        ? $"<see cref=\"{Symbols.Escaped(method.Name)}\"/>"
        : $"<c>{method.Name}</c>";

    /// <summary>What the member does, what it gives, and how it fails.</summary>
    public DocumentationModel ToModel() => new(
        LinesOf(_xml?.Element("summary")).ToEquatableArray(),
        LinesOf(_xml?.Element("returns")).ToEquatableArray(),
        (_xml?.Elements("exception") ?? [])
            .Where(exception => exception.Attribute("cref") is not null)
            .Select(exception => new ExceptionModel(exception.Attribute("cref")!.Value, LinesOf(exception).ToEquatableArray()))
            .ToEquatableArray());

    /// <summary>What is said of a parameter.</summary>
    public EquatableArray<string> OfParameter(string name) =>
        LinesOf(_xml?.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")?.Value == name)).ToEquatableArray();

    /// <summary>The lines of an element, still XML.</summary>
    private IEnumerable<string> LinesOf(XElement? element)
    {
        foreach (XElement parameter in element?.Descendants("paramref").ToArray() ?? [])
        {
            if (parameter.Attribute("name")?.Value is not { } name || !_parameters.Contains(name))
            {
                parameter.ReplaceWith(new XElement("c", parameter.Attribute("name")?.Value));
            }
        }

        string text = element is null ? "" : string.Concat(element.Nodes().Select(node => node.ToString(SaveOptions.DisableFormatting)));
        return text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
    }
}
