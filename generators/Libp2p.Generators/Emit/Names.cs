using Libp2p.Generators.Model;
using Libp2p.Generators.Parsing;

namespace Libp2p.Generators.Emit;

/// <summary>The names that generated code has for things.</summary>
internal static class Names
{
    public const string StreamOpener = "global::Libp2p.Connections.IStreamOpener";
    public const string ValueTask = "global::System.Threading.Tasks.ValueTask";

    /// <summary>The type of the protocol's value.</summary>
    public static string Value(ProtocolModel protocol) => $"global::Libp2p.Protocol<{protocol.FullName}>";

    /// <summary>The field of an operation: <c>s_send</c> for <c>SendAsync</c>.</summary>
    public static string Field(OperationModel operation) => Field(operation.Name);

    /// <summary>A field of the tables.</summary>
    public static string Field(string name) => "s_" + char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>A parameter where it is declared.</summary>
    public static string Declared(ParameterModel parameter) => $"{parameter.Type} {Argument(parameter)}";

    /// <summary>A parameter where it is used.</summary>
    public static string Argument(ParameterModel parameter) => Symbols.Escaped(parameter.Name);

    /// <summary>The C# literal of a text.</summary>
    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>A text, as it stands in documentation.</summary>
    public static string Documented(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
