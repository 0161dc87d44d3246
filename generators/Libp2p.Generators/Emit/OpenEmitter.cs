using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes <c>Open…Async</c>: the initiator's side of a member that is written from the responder's.</summary>
internal static class OpenEmitter
{
    /// <summary>The default members, which serve the call in this process.</summary>
    public static void EmitDefault(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        IReadOnlyList<ParameterModel>[] openers = [.. OpenersOf(operation)];
        for (int i = 0; i < openers.Length; i++)
        {
            if (i > 0)
            {
                writer.Line();
            }

            EmitDefault(writer, protocol, index, openers[i]);
        }
    }

    /// <summary>The client's members, which open a stream.</summary>
    public static void EmitClient(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        IReadOnlyList<ParameterModel>[] openers = [.. OpenersOf(operation)];
        for (int i = 0; i < openers.Length; i++)
        {
            if (i > 0)
            {
                writer.Line();
            }

            writer.Line($"{ReturnType(operation)} {protocol.FullName}.{Name(operation)}({Names.Parameters(openers[i])}{Names.CallContext} context) =>");
            using (writer.Indent())
            {
                writer.Line($"{Names.Field(operation)}.OpenAsync(protocol.Settings({index}), streams, {Names.Arguments(openers[i])}context);");
            }
        }
    }

    private static void EmitDefault(SourceWriter writer, ProtocolModel protocol, int index, IReadOnlyList<ParameterModel> parameters)
    {
        OperationModel operation = protocol.Operations[index];
        string end = operation.Summary.Count > 0 ? ":" : ".";
        writer.Documentation("summary", [$"The initiator's side of {operation.Reference}{end}", .. operation.Summary]);
        writer.Documentation(
            "remarks", "A client opens a stream to its peer; any other implementation serves the call in this process, over a pair in memory.");
        foreach (ParameterModel parameter in parameters)
        {
            writer.Line($"/// <param name=\"{parameter.Name}\">{Documented(parameter)}</param>");
        }

        writer.Line("/// <param name=\"context\">Cancellation, time, and what is to be told.</param>");
        writer.Line($"/// <returns>{Returned(operation)}</returns>");
        writer.Line($"public {ReturnType(operation)} {Name(operation)}({Names.Parameters(parameters)}{Names.CallContext} context = default) =>");
        using (writer.Indent())
        {
            writer.Line(
                $"{Names.QualifiedTables(protocol)}.{Names.Field(operation)}.OpenAsync(this, Protocol.Settings({index}), {Names.Arguments(parameters)}context);");
        }
    }

    /// <summary>What each opener takes before its context: that of a long-lived stream may take what goes first on every stream.</summary>
    private static IEnumerable<IReadOnlyList<ParameterModel>> OpenersOf(OperationModel operation)
    {
        if (operation.Shape != OperationShape.Duplex)
        {
            yield return operation.OpenParameters;
        }

        if (operation.Policy.PerPeer is not null)
        {
            string hello = $"global::System.Func<global::Libp2p.ProtocolId, global::System.Collections.Generic.IEnumerable<{operation.Request!.Type}>>";
            yield return [new(hello, "hello"), .. operation.Shape == OperationShape.Duplex ? operation.Parameters : operation.OpenParameters];
        }
    }

    private static string Documented(ParameterModel parameter) => parameter.Name switch
    {
        "hello" => "What goes first on every stream, the first and each that is opened again; given the id agreed on it.",
        "messages" => "Enumerated while the responses are, over all streams.",
        _ => "Lent until the task completes.",
    };

    private static string ReturnType(OperationModel operation) =>
        operation.Shape == OperationShape.Duplex ? operation.ReturnType : $"{Names.ValueTask}<{TypeOf(operation)}>";

    private static string Name(OperationModel operation) => $"Open{operation.Name}Async";

    private static string TypeOf(OperationModel operation) => operation.Shape switch
    {
        OperationShape.ClientStream when operation.Response is null => $"global::Libp2p.MessageWriter<{operation.Request!.Type}>",
        OperationShape.ClientStream => $"global::Libp2p.MessageWriter<{operation.Request!.Type}, {operation.Response!.Type}>",
        OperationShape.Dialogue or OperationShape.FirstThenDialogue => $"global::Libp2p.Dialogue<{operation.Response!.Type}, {operation.Request!.Type}>",
        _ => "global::Libp2p.P2PStream",
    };

    private static string Returned(OperationModel operation) => operation.Shape switch
    {
        OperationShape.Duplex => "What the responder sends, over all streams.",
        OperationShape.ClientStream => "The writer of the messages, which the caller disposes of.",
        OperationShape.Dialogue or OperationShape.FirstThenDialogue => "The initiator's end of the dialogue, which the caller disposes of.",
        _ => "The initiator's end of the stream, which the caller disposes of.",
    };
}
