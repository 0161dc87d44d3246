using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes <c>Open…Async</c>: the initiator's side of a member that is written from the responder's.</summary>
internal static class OpenEmitter
{
    /// <summary>The default member, which serves the call in this process.</summary>
    public static void EmitDefault(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        string end = operation.Summary.Count > 0 ? ":" : ".";
        writer.Documentation("summary", [$"The initiator's side of {operation.Reference}{end}", .. operation.Summary]);
        writer.Documentation(
            "remarks", "A client opens a stream to its peer; any other implementation serves the call in this process, over a pair in memory.");
        if (operation.First is not null)
        {
            writer.Line("/// <param name=\"first\">Lent until the task completes.</param>");
        }

        writer.Line("/// <param name=\"context\">Cancellation, time, and what is to be told.</param>");
        writer.Line($"/// <returns>{Returned(operation)}, which the caller disposes of.</returns>");
        string parameters = Names.Parameters(operation.OpenParameters);
        string arguments = Names.Arguments(operation.OpenParameters);
        writer.Line($"public {ReturnType(operation)} {Name(operation)}({parameters}{Names.CallContext} context = default) =>");
        using (writer.Indent())
        {
            writer.Line($"{Names.QualifiedTables(protocol)}.{Names.Field(operation)}.OpenAsync(this, Protocol.Settings({index}), {arguments}context);");
        }
    }

    /// <summary>The client's member, which opens a stream.</summary>
    public static void EmitClient(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        string parameters = Names.Parameters(operation.OpenParameters);
        string arguments = Names.Arguments(operation.OpenParameters);
        writer.Line($"{ReturnType(operation)} {protocol.FullName}.{Name(operation)}({parameters}{Names.CallContext} context) =>");
        using (writer.Indent())
        {
            writer.Line($"{Names.Field(operation)}.OpenAsync(protocol.Settings({index}), streams, {arguments}context);");
        }
    }

    private static string ReturnType(OperationModel operation) => $"{Names.ValueTask}<{TypeOf(operation)}>";

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
        OperationShape.ClientStream => "The writer of the messages",
        OperationShape.Dialogue or OperationShape.FirstThenDialogue => "The initiator's end of the dialogue",
        _ => "The initiator's end of the stream",
    };
}
