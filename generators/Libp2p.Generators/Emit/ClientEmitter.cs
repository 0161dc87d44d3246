using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes the client: one line per member, because the operation does the work.</summary>
internal static class ClientEmitter
{
    public static void Emit(SourceWriter writer, ProtocolModel protocol)
    {
        writer.List("private sealed class Client(", [$"{Names.Value(protocol)} protocol", $"{Names.StreamOpener} streams"], ")");
        using (writer.Indent())
        {
            writer.Line($": {protocol.FullName}");
        }

        using (writer.Braces())
        {
            for (int i = 0; i < protocol.Operations.Count; i++)
            {
                if (i > 0)
                {
                    writer.Line();
                }

                EmitCall(writer, protocol, i);
                if (protocol.Operations[i].IsOpened)
                {
                    OpenEmitter.EmitClient(writer, protocol, i);
                }
            }
        }
    }

    /// <summary>Implements explicitly, so that no name of a member can hide a name of ours.</summary>
    private static void EmitCall(SourceWriter writer, ProtocolModel protocol, int index)
    {
        OperationModel operation = protocol.Operations[index];
        writer.Method(
            operation.ReturnType,
            $"{protocol.FullName}.{operation.Method}",
            operation.AllParameters.Select(Names.Declared),
            $"{Names.Field(operation)}.CallAsync",
            [$"protocol.Settings({index})", "streams", .. operation.AllParameters.Select(Names.Argument)]);
    }
}
