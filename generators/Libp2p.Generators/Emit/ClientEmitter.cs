using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes the client: one line per member, because the operation does the work.</summary>
internal static class ClientEmitter
{
    public static void Emit(SourceWriter writer, ProtocolModel protocol)
    {
        writer.Line($"private sealed class Client({Names.Value(protocol)} protocol, {Names.StreamOpener} streams)");
        using (writer.Block($"    : {protocol.FullName}"))
        {
            for (int i = 0; i < protocol.Operations.Count; i++)
            {
                if (i > 0)
                {
                    writer.Line();
                }

                EmitCall(writer, protocol.Operations[i], i);
                if (protocol.Operations[i].IsOpened)
                {
                    writer.Line();
                    OpenEmitter.EmitClient(writer, protocol.Operations[i], i);
                }
            }
        }
    }

    private static void EmitCall(SourceWriter writer, OperationModel operation, int index)
    {
        string parameter = operation.ParameterName is { } name ? $"{operation.ParameterType} {name}, " : "";
        string argument = operation.ParameterName is { } given ? $"{given}, " : "";
        writer.Line($"public {operation.ReturnType} {operation.Method}({parameter}{Names.CallContext} context) =>");
        using (writer.Indent())
        {
            writer.Line($"{Names.Field(operation)}.CallAsync(protocol.Settings({index}), streams, {argument}context);");
        }
    }
}
