using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>The names that generated code has for things.</summary>
internal static class Names
{
    public const string CallContext = "global::Libp2p.CallContext";
    public const string StreamOpener = "global::Libp2p.Connections.IStreamOpener";
    public const string ValueTask = "global::System.Threading.Tasks.ValueTask";

    /// <summary>The type of the protocol's value.</summary>
    public static string Value(ProtocolModel protocol) => $"global::Libp2p.Protocol<{protocol.FullName}>";

    /// <summary>The protocol's tables, as the interface names them, whose own members and containers may have that name.</summary>
    public static string QualifiedTables(ProtocolModel protocol) =>
        protocol.Namespace.Length == 0 ? $"global::{protocol.Tables}" : $"global::{protocol.Namespace}.{protocol.Tables}";

    /// <summary>The field of an operation: <c>s_send</c> for <c>SendAsync</c>.</summary>
    public static string Field(OperationModel operation) => "s_" + char.ToLowerInvariant(operation.Name[0]) + operation.Name.Substring(1);

    /// <summary>The parameters, each followed by a comma: a context comes last.</summary>
    public static string Parameters(IEnumerable<ParameterModel> parameters) =>
        string.Concat(parameters.Select(parameter => $"{parameter.Type} {parameter.Name}, "));

    /// <summary>The arguments, each followed by a comma: a context comes last.</summary>
    public static string Arguments(IEnumerable<ParameterModel> parameters) => string.Concat(parameters.Select(parameter => $"{parameter.Name}, "));

    /// <summary>The C# literal of a text.</summary>
    public static string Literal(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);

    /// <summary>A text, as it stands in documentation.</summary>
    public static string Documented(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
