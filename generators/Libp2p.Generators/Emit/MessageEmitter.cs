using Libp2p.Generators.Model;

namespace Libp2p.Generators.Emit;

/// <summary>Writes the table entries of messages that carry a discriminator or travel in an envelope.</summary>
internal static class MessageEmitter
{
    private const string Codecs = "global::Libp2p.Codecs";

    public static void Emit(SourceWriter writer, ProtocolModel protocol)
    {
        foreach (CodecModel codec in protocol.Codecs)
        {
            writer.Value($"private static readonly {Codecs}.MessageCodec<{codec.Type}> {codec.Field} =", codec.Expression + ";");
            writer.Line();
        }

        foreach (DiscriminatorModel discriminator in protocol.Discriminators)
        {
            Emit(writer, discriminator);
            writer.Line();
        }

        foreach (EnvelopeModel envelope in protocol.Envelopes)
        {
            Emit(writer, envelope);
            writer.Line();
        }
    }

    private static void Emit(SourceWriter writer, DiscriminatorModel discriminator)
    {
        string type = $"{Codecs}.Discriminator<{discriminator.MessageType}>";
        using (writer.Block($"private static readonly {type} {discriminator.Field} = new()", ";"))
        {
            writer.Line($"Name = {Names.Literal(discriminator.Property.TrimStart('@'))},");
            // A value beyond int only wraps, even where the project checks arithmetic: remotes choose it.
            (string open, string close) = discriminator.IsInt32 ? ("", "") : ("unchecked(", ")");
            writer.Line($"Get = static message => message.{discriminator.HasProperty} ? {open}(int)message.{discriminator.Property}{close} : null,");
            writer.Line($"Set = static (message, value) => message.{discriminator.Property} = {open}({discriminator.ValueType})value{close},");
        }
    }

    private static void Emit(SourceWriter writer, EnvelopeModel envelope)
    {
        writer.Line($"private static readonly {Codecs}.MessageCodec<{envelope.MemberType}> {envelope.Field} =");
        using (writer.Indent())
        {
            writer.Line($"{Codecs}.Codec.Envelope<{envelope.EnvelopeType}, {envelope.MemberType}>(");
            using (writer.Indent())
            {
                writer.Line($"{envelope.EnvelopeType}.Parser,");
                EmitCases(writer, envelope);
            }
        }
    }

    private static void EmitCases(SourceWriter writer, EnvelopeModel envelope)
    {
        if (envelope.Cases.Count == 1 && envelope.Cases[0].Type == envelope.MemberType)
        {
            writer.Line($"static member => new {envelope.EnvelopeType} {{ {envelope.Cases[0].Property} = member }},");
        }
        else
        {
            using (writer.Block("static member => member switch", ","))
            {
                foreach (EnvelopeCase one in envelope.Cases)
                {
                    writer.Line($"{one.Type} known => new {envelope.EnvelopeType} {{ {one.Property} = known }},");
                }

                writer.Line("_ => null,");
            }
        }

        string members = string.Join(" ?? ", envelope.Cases.Select((one, i) =>
            i == 0 && envelope.Cases.Count > 1 ? $"({envelope.MemberType}?)envelope.{one.Property}" : $"envelope.{one.Property}"));
        writer.Line($"static envelope => {members});");
    }
}
