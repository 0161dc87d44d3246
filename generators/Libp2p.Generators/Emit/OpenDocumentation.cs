using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes what an opener does: what its author says of the member, and what is different here.</summary>
internal static class OpenDocumentation
{
    public static void Emit(SourceWriter writer, OperationModel operation, Opener opener)
    {
        DocumentationModel said = operation.Documentation;
        string with = opener.Hello is null ? "" : ", with the messages that each stream begins with";
        string end = said.Summary.Count > 0 ? ":" : ".";
        writer.Documentation("summary", [$"The initiator's side of {operation.Reference}{with}{end}", .. said.Summary]);
        writer.Documentation("remarks", [Client(operation), "Any other implementation serves the call in this process, over a pair in memory."]);
        foreach (ParameterModel parameter in opener.Parameters)
        {
            Parameter(writer, parameter.Name, [.. parameter.Text, Handling(operation, opener, parameter)]);
        }

        ParameterModel context = operation.Context;
        Parameter(writer, context.Name, context.Text.Count > 0 ? [.. context.Text] : ["Cancels the call, bounds its time, and receives what is known of it."]);
        writer.Documentation("returns", Returned(operation));
        foreach (ExceptionModel exception in said.Exceptions)
        {
            writer.Documentation("exception", $" cref=\"{Names.Documented(exception.Reference)}\"", [string.Join(" ", exception.Text)]);
        }
    }

    private static void Parameter(SourceWriter writer, string name, string[] text) =>
        writer.Documentation("param", $" name=\"{name}\"", text.Length == 2 ? [$"{text[0]} {text[1]}"] : text);

    private static string Client(OperationModel operation) => operation.Policy.PerPeer is null
        ? "A client opens a stream to its peer."
        : "A client keeps a stream to its peer, and opens it again when it breaks.";

    private static string Handling(OperationModel operation, Opener opener, ParameterModel parameter) =>
        parameter == opener.Hello ? "Makes the messages that each stream begins with, those that are opened again included, of the protocol id agreed on it."
        : operation.Shape == DeclaredShape.Duplex ? "Enumerated while the responses are, over all streams."
        : "Lent until the task completes.";

    private static IReadOnlyList<string> Returned(OperationModel operation)
    {
        EquatableArray<string> said = operation.Documentation.Returns;
        return operation.Shape switch
        {
            DeclaredShape.Duplex when said.Count > 0 => [.. said, "Over all streams."],
            DeclaredShape.Duplex => ["What the responder sends, over all streams."],
            DeclaredShape.ClientStream when operation.Response is not null && said.Count > 0 =>
                ["The writer of the messages, which the caller disposes of. Its completion gives:", .. said],
            DeclaredShape.ClientStream => ["The writer of the messages, which the caller disposes of."],
            DeclaredShape.Dialogue or DeclaredShape.FirstThenDialogue => ["The initiator's end of the dialogue, which the caller disposes of."],
            _ => ["The initiator's end of the stream, which the caller disposes of."],
        };
    }
}
