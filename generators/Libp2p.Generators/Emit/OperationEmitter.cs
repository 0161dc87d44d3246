using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes the table entry of one operation.</summary>
internal static class OperationEmitter
{
    private const string Framings = "global::Libp2p.Codecs.MessageFraming";

    public static void Emit(SourceWriter writer, ProtocolModel protocol, OperationModel operation)
    {
        writer.List(
            $"internal static readonly global::Libp2p.{operation.Shape}Operation<", TypesOf(protocol, operation), $"> {Names.Field(operation)} = new()");
        using (writer.Braces(";"))
        {
            writer.Line($"Name = {Names.Literal(operation.Name)},");
            EmitId(writer, operation);
            EmitMessages(writer, operation);
            EmitLimits(writer, protocol, operation);
            if (operation.Connection is { } connection)
            {
                string[] relayed = connection.Relayed == ConnectionModel.Default.Relayed ? [] : [$"global::Libp2p.RelayedConnections.{connection.Relayed}"];
                writer.List(
                    "Connection = new(",
                    [$"global::Libp2p.LimitedConnections.{connection.Limited}", $"global::Libp2p.ConnectionOpener.{connection.OpenedBy}", .. relayed],
                    "),");
            }

            PolicyEmitter.Emit(writer, operation.Policy);
            string arguments = string.Join(", ", operation.AllParameters.Select(Names.Argument));
            writer.Line($"Handler = static (handler, {arguments}) => handler.{operation.Method}({arguments}),");
        }
    }

    private static void EmitId(SourceWriter writer, OperationModel operation)
    {
        if (operation.Suffix is { } suffix)
        {
            writer.Line($"IdSuffix = {Names.Literal(suffix)},");
        }

        if (operation is { SharesId: true, Selection: { } selection })
        {
            writer.Array("Selects = new[]", selection.Values, ",");
        }

        if (operation.Since is { } since)
        {
            writer.Line($"Since = {Names.Literal(since)},");
        }
    }

    private static void EmitMessages(SourceWriter writer, OperationModel operation)
    {
        bool isDialogue = operation.Shape is DeclaredShape.Dialogue or DeclaredShape.FirstThenDialogue;
        (string request, string response) = isDialogue ? ("Received", "Sent") : ("Request", "Response");
        if (operation.First is { } first)
        {
            writer.Line($"First = {first.Codec},");
        }

        if (operation.Request is { } sent)
        {
            writer.Line($"{request} = {sent.Codec},");
        }

        if (operation.Response is { } received)
        {
            string optional = received.IsValueType ? "OptionalValue" : "Optional";
            string codec = operation.IsReplyOptional ? $"global::Libp2p.Codecs.Codec.{optional}({received.Codec})" : received.Codec;
            writer.Line($"{response} = {codec},");
        }

        if (operation.IsReplyOptional)
        {
            writer.Line("IsReplyOptional = true,");
        }

        if (operation.Framing is { } framing)
        {
            writer.Line($"Framing = {Framings}.{framing},");
        }

        if (operation.FirstFraming is { } firstFraming)
        {
            writer.Line($"FirstFraming = {Framings}.{firstFraming},");
        }

        if (operation.MaxFrames is { } frames)
        {
            writer.Line($"MaxFrames = {frames},");
        }
    }

    private static void EmitLimits(SourceWriter writer, ProtocolModel protocol, OperationModel operation)
    {
        LimitsModel limits = operation.Limits;
        string[] set =
        [
            .. Setting("MaxRequest", limits.MaxRequest),
            .. Setting("MaxResponse", limits.MaxResponse),
            .. Setting("MaxSend", limits.MaxSend),
            .. Setting("MaxElements", limits.MaxElements),
            .. operation.IsUnbounded ? ["Exchange = null"] : Time("Exchange", limits.ExchangeSeconds),
            .. Time("Read", limits.ReadSeconds),
            .. Time("Idle", limits.IdleSeconds, protocol.ReuseSeconds is null ? "null" : "global::System.Threading.Timeout.InfiniteTimeSpan"),
            .. Setting("InboundPerPeer", limits.InboundPerPeer),
            .. Setting("OutboundPerPeer", limits.OutboundPerPeer),
            .. limits.WhenFull is { } whenFull ? [$"WhenFull = global::Libp2p.WhenFull.{whenFull}"] : Array.Empty<string>(),
        ];
        if (set.Length == 0)
        {
            return;
        }

        using (writer.Block("Limits = new()", ","))
        {
            foreach (string setting in set)
            {
                writer.Line(setting + ",");
            }
        }
    }

    private static string[] Setting(string name, int? value) => value is null ? [] : [$"{name} = {value}"];

    private static string[] Time(string name, int? seconds, string unbounded = "null") => seconds switch
    {
        null => [],
        LimitsModel.Unbounded => [$"{name} = {unbounded}"],
        _ => [$"{name} = global::System.TimeSpan.FromSeconds({seconds})"],
    };

    private static string[] TypesOf(ProtocolModel protocol, OperationModel operation)
    {
        string optional = operation.IsReplyOptional ? "?" : "";
        return [protocol.FullName, .. Types(operation.First, ""), .. Types(operation.Request, ""), .. Types(operation.Response, optional)];
    }

    private static string[] Types(MessageModel? message, string optional) => message is null ? [] : [message.Type + optional];
}
