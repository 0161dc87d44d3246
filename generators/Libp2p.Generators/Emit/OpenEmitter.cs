using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes <c>Open…Async</c>: the initiator's side of a member that is written from the responder's.</summary>
internal static class OpenEmitter
{
    /// <summary>The default members, which serve the call in this process.</summary>
    public static void EmitDefault(SourceWriter writer, ProtocolModel protocol, OperationModel operation)
    {
        string field = $"{protocol.Tables}.{Names.Field(operation)}";
        bool isFirst = true;
        foreach (Opener opener in OpenersOf(operation))
        {
            if (!isFirst)
            {
                writer.Line();
            }

            isFirst = false;
            OpenDocumentation.Emit(writer, operation, opener);
            Marks.Emit(writer);
            writer.Method(
                $"public {ReturnType(operation)}",
                Name(operation),
                [.. opener.Parameters.Select(Names.Declared), Names.Declared(operation.Context) + " = default"],
                $"{field}.OpenAsync",
                ["this", $"Protocol.Settings({field})", .. Arguments(operation, opener)]);
        }
    }

    /// <summary>The client's members, which open a stream.</summary>
    public static void EmitClient(SourceWriter writer, ProtocolModel protocol, OperationModel operation)
    {
        foreach (Opener opener in OpenersOf(operation))
        {
            writer.Line();
            writer.Method(
                ReturnType(operation),
                $"{protocol.FullName}.{Name(operation)}",
                [.. opener.Parameters.Select(Names.Declared), Names.Declared(operation.Context)],
                $"{Names.Field(operation)}.OpenAsync",
                [.. ClientEmitter.Binding(operation), .. Arguments(operation, opener)]);
        }
    }

    /// <summary>The opener of a long-lived stream may take what goes first on every stream; in shape 6 nothing else tells it from the member.</summary>
    private static IEnumerable<Opener> OpenersOf(OperationModel operation)
    {
        if (operation.Shape != DeclaredShape.Duplex)
        {
            yield return new Opener(null, [.. operation.OpenParameters]);
        }

        if (operation.Policy.PerPeer is not null)
        {
            string type = $"global::System.Func<global::Libp2p.ProtocolId, global::System.Collections.Generic.IEnumerable<{operation.Request!.Type}>>";
            ParameterModel hello = new(type, "hello");
            yield return new Opener(hello, [hello, .. operation.Shape == DeclaredShape.Duplex ? operation.Parameters : operation.OpenParameters]);
        }
    }

    private static IEnumerable<string> Arguments(OperationModel operation, Opener opener) =>
        opener.Parameters.Append(operation.Context).Select(Names.Argument);

    private static string Name(OperationModel operation) => $"Open{operation.Name}Async";

    private static string ReturnType(OperationModel operation) =>
        operation.Shape == DeclaredShape.Duplex ? operation.ReturnType : $"{Names.ValueTask}<{TypeOf(operation)}>";

    private static string TypeOf(OperationModel operation) => operation.Shape switch
    {
        DeclaredShape.ClientStream when operation.Response is null => $"global::Libp2p.MessageWriter<{operation.Request!.Type}>",
        DeclaredShape.ClientStream => $"global::Libp2p.MessageWriter<{operation.Request!.Type}, {operation.Response!.Type}>",
        DeclaredShape.Dialogue or DeclaredShape.FirstThenDialogue => $"global::Libp2p.Dialogue<{operation.Response!.Type}, {operation.Request!.Type}>",
        _ => "global::Libp2p.P2PStream",
    };
}

/// <summary>One overload.</summary>
/// <param name="Hello">Its parameter for what goes first on every stream, if it has one.</param>
/// <param name="Parameters">All of its parameters before the context.</param>
internal sealed record Opener(ParameterModel? Hello, IReadOnlyList<ParameterModel> Parameters);
