using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes the client: one line per member, because the operation does the work.</summary>
internal static class ClientEmitter
{
    public static void Emit(SourceWriter writer, ProtocolModel protocol)
    {
        Marks.EmitNested(writer);
        using (writer.Block($"private sealed class Client : {protocol.FullName}"))
        {
            EmitConstructor(writer, protocol);
            foreach (OperationModel operation in protocol.Operations)
            {
                writer.Line();
                EmitCall(writer, protocol, operation);
                if (operation.IsOpened)
                {
                    OpenEmitter.EmitClient(writer, protocol, operation);
                }
            }
        }
    }

    /// <summary>The first arguments of each call: what the protocol binds the operation to, and what opens its streams.</summary>
    public static string[] Binding(OperationModel operation) => [$"_protocol.Settings({Names.Field(operation)})", "_streams"];

    private static void EmitConstructor(SourceWriter writer, ProtocolModel protocol)
    {
        writer.Line($"private readonly {Names.Value(protocol)} _protocol;");
        writer.Line($"private readonly {Names.StreamOpener} _streams;");
        writer.Line();
        writer.List("public Client(", [$"{Names.Value(protocol)} protocol", $"{Names.StreamOpener} streams"], ")");
        using (writer.Braces())
        {
            writer.Line("_protocol = protocol;");
            writer.Line("_streams = streams;");
        }
    }

    /// <summary>Implements explicitly, so that no name of a member can hide a name of ours.</summary>
    private static void EmitCall(SourceWriter writer, ProtocolModel protocol, OperationModel operation) => writer.Method(
        operation.ReturnType,
        $"{protocol.FullName}.{operation.Method}",
        operation.AllParameters.Select(Names.Declared),
        $"{Names.Field(operation)}.CallAsync",
        [.. Binding(operation), .. operation.AllParameters.Select(Names.Argument)]);
}
