using Libp2p.Generators.Model;
using Libp2p.Generators.Parsing;

namespace Libp2p.Generators.Emit;

/// <summary>Writes <c>Bind</c>, which sets the parameters of the ids.</summary>
internal static class BindingEmitter
{
    private const string Receiver = IdParser.Receiver;

    public static void Emit(SourceWriter writer, ProtocolModel protocol)
    {
        if (protocol.Parameters.Count == 0)
        {
            return;
        }

        string access = protocol.IsPublic ? "public" : "internal";
        string type = Names.Value(protocol);
        writer.Line();
        writer.Documentation("summary", $"Binds the parameters of the ids of <see cref=\"{protocol.FullName}\"/>.");
        if (protocol.Operations.Any(operation => operation.IsObsolete))
        {
            writer.Line("[global::System.Obsolete]");
        }

        Marks.Emit(writer);
        using (writer.Block($"{access} static class {protocol.Extensions}"))
        {
            writer.Documentation("summary", "The same protocol with these parameters in its ids.");
            writer.Line($"/// <param name=\"{Receiver}\">The protocol.</param>");
            foreach (IdParameter parameter in protocol.Parameters)
            {
                string text = $"Takes the place of <c>{Names.Documented(parameter.Default)}</c>; null changes nothing.";
                writer.Line($"/// <param name=\"{parameter.Name}\">{text}</param>");
            }

            writer.List(
                $"public static {type} Bind(",
                [$"this {type} {Receiver}", .. protocol.Parameters.Select(parameter => $"string? {Symbols.Escaped(parameter.Name)} = null")],
                ")");
            using (writer.Braces())
            {
                foreach (IdParameter parameter in protocol.Parameters)
                {
                    string name = Symbols.Escaped(parameter.Name);
                    using (writer.Block($"if ({name} is not null)"))
                    {
                        writer.Line($"{Receiver} = {Receiver}.BindParameter({Names.Literal(parameter.Name)}, {name});");
                    }

                    writer.Line();
                }

                writer.Line($"return {Receiver};");
            }
        }
    }
}
