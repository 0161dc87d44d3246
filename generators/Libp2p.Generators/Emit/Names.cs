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

    /// <summary>The file-local class that holds the protocol's tables: <c>ChatProtocol</c> for <c>IChat</c>.</summary>
    public static string Tables(ProtocolModel protocol) => Bare(protocol) + "Protocol";

    /// <summary>The same class, as the interface names it, whose own members and containers may have that name.</summary>
    public static string QualifiedTables(ProtocolModel protocol) =>
        protocol.Namespace.Length == 0 ? $"global::{Tables(protocol)}" : $"global::{protocol.Namespace}.{Tables(protocol)}";

    /// <summary>The class of the protocol's extension methods, which shares the namespace with those of all other protocols.</summary>
    public static string Extensions(ProtocolModel protocol) =>
        string.Concat(protocol.Containers.Select(container => Last(container) + "_")) + protocol.Name.TrimStart('@') + "ProtocolExtensions";

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

    private static string Last(string declaration) => declaration.Substring(declaration.LastIndexOf(' ') + 1).TrimStart('@');

    private static string Bare(ProtocolModel protocol)
    {
        string name = protocol.Name.TrimStart('@');
        return name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]) ? name.Substring(1) : name;
    }
}
