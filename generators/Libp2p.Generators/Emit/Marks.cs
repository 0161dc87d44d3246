namespace Libp2p.Generators.Emit;

/// <summary>Writes the attributes by which tools know generated code: analyzers and coverage leave it out, debuggers step over it.</summary>
internal static class Marks
{
    /// <summary>The generator's version, in generated code.</summary>
    public static readonly string Version = typeof(ProtocolGenerator).Assembly.GetName().Version.ToString();

    private const string SteppedOver = "[global::System.Diagnostics.DebuggerNonUserCode]";

    public static void Emit(SourceWriter writer)
    {
        writer.Line($"[global::System.CodeDom.Compiler.GeneratedCode(\"Libp2p.Generators\", \"{Version}\")]");
        writer.Line(SteppedOver);
    }

    /// <summary>Of a type within one that is marked: of the attributes, only the debugger's does not hold for it as well.</summary>
    public static void EmitNested(SourceWriter writer) => writer.Line(SteppedOver);
}
