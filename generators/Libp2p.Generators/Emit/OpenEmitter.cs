using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes <c>Open…Async</c>: the initiator's side of a member that is written from the responder's.</summary>
internal static class OpenEmitter
{
    private const string ContextParameter = Names.CallContext + " context = default";

    /// <summary>The default members, which serve the call in this process.</summary>
    public static void EmitDefault(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        bool isFirst = true;
        foreach (Opener opener in OpenersOf(operation))
        {
            if (!isFirst)
            {
                writer.Line();
            }

            isFirst = false;
            string end = operation.Summary.Count > 0 ? ":" : ".";
            writer.Documentation("summary", [$"The initiator's side of {operation.Reference}{end}", .. operation.Summary]);
            writer.Documentation(
                "remarks", "A client opens a stream to its peer; any other implementation serves the call in this process, over a pair in memory.");
            foreach ((string name, string text) in opener.Documented)
            {
                writer.Line($"/// <param name=\"{name}\">{text}</param>");
            }

            writer.Line("/// <param name=\"context\">Cancellation, time, and what is to be told.</param>");
            writer.Line($"/// <returns>{Returned(operation)}</returns>");
            writer.Line($"public {Signature(operation, opener)} =>");
            using (writer.Indent())
            {
                writer.Line($"{Names.Tables(protocol)}.{Names.Field(operation)}.OpenAsync(this, Protocol.Settings({index}), {opener.Arguments}context);");
            }
        }
    }

    /// <summary>The client's members, which open a stream.</summary>
    public static void EmitClient(SourceWriter writer, OperationModel operation, int index)
    {
        bool isFirst = true;
        foreach (Opener opener in OpenersOf(operation))
        {
            if (!isFirst)
            {
                writer.Line();
            }

            isFirst = false;
            writer.Line($"public {Signature(operation, opener)} =>");
            using (writer.Indent())
            {
                writer.Line($"{Names.Field(operation)}.OpenAsync(protocol.Settings({index}), streams, {opener.Arguments}context);");
            }
        }
    }

    /// <summary>One opener, and for a long-lived stream another one that takes what goes first on each stream.</summary>
    private static IEnumerable<Opener> OpenersOf(OperationModel operation)
    {
        if (operation.Shape != OperationShape.Duplex)
        {
            yield return new Opener("", "", []);
        }

        if (operation.Policy.PerPeer is null)
        {
            yield break;
        }

        string sent = operation.Request!.Type;
        string hello = $"global::System.Func<global::Libp2p.ProtocolId, global::System.Collections.Generic.IEnumerable<{sent}>> hello, ";
        (string, string) documented = ("hello", "What goes first on every stream, the first and each that is opened again; given the id agreed on it.");
        yield return operation.Shape == OperationShape.Duplex
            ? new Opener(
                $"{hello}{operation.ParameterType} {operation.ParameterName}, ",
                $"hello, {operation.ParameterName}, ",
                [documented, (operation.ParameterName!, "Enumerated while the responses are, over all streams.")])
            : new Opener(hello, "hello, ", [documented]);
    }

    private static string Signature(OperationModel operation, Opener opener) =>
        $"{TypeOf(operation)} Open{operation.Name}Async({opener.Parameters}{ContextParameter})";

    private static string TypeOf(OperationModel operation) => operation.Shape switch
    {
        OperationShape.Duplex => operation.ReturnType,
        OperationShape.ClientStream when operation.Response is null => $"{Names.ValueTask}<global::Libp2p.MessageWriter<{operation.Request!.Type}>>",
        OperationShape.ClientStream => $"{Names.ValueTask}<global::Libp2p.MessageWriter<{operation.Request!.Type}, {operation.Response!.Type}>>",
        OperationShape.Dialogue => $"{Names.ValueTask}<global::Libp2p.Dialogue<{operation.Response!.Type}, {operation.Request!.Type}>>",
        _ => $"{Names.ValueTask}<global::Libp2p.P2PStream>",
    };

    private static string Returned(OperationModel operation) => operation.Shape switch
    {
        OperationShape.Duplex => "What the responder sends, over all streams.",
        OperationShape.ClientStream => "The writer of the messages, which the caller disposes of.",
        OperationShape.Dialogue => "The initiator's end of the dialogue, which the caller disposes of.",
        _ => "The initiator's end of the stream, which the caller disposes of.",
    };

    /// <summary>What an opener takes besides the context.</summary>
    private sealed record Opener(string Parameters, string Arguments, (string Name, string Text)[] Documented);
}
