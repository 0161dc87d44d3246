using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes what the table entry of an operation says of callers, failures and long-lived streams.</summary>
internal static class PolicyEmitter
{
    public static void Emit(SourceWriter writer, PolicyModel policy)
    {
        if (policy.Access is { } access)
        {
            writer.Line($"AccessPolicy = {Names.Literal(access)},");
        }

        if (policy.IsIdempotent)
        {
            writer.Line("IsIdempotent = true,");
        }

        if (policy.PerPeer is { } perPeer)
        {
            writer.Line($"PerPeer = {perPeer},");
        }

        if (policy.ResetCodes.Count == 0)
        {
            return;
        }

        using (writer.Block("ResetCodes = new global::Libp2p.ResetCode[]", ","))
        {
            foreach (ResetCodeModel code in policy.ResetCodes)
            {
                writer.Line($"new global::Libp2p.ResetCode<{code.Exception}>(0x{code.Code:x}{Factory(code.Constructor)}),");
            }
        }
    }

    private static string Factory(ExceptionConstructor constructor) => constructor switch
    {
        ExceptionConstructor.MessageAndCause => ", static (message, cause) => new(message, cause)",
        ExceptionConstructor.Message => ", static (message, _) => new(message)",
        ExceptionConstructor.Empty => ", static (_, _) => new()",
        _ => "",
    };
}
