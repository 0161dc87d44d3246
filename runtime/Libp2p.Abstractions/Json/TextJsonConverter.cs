using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Libp2p.Json;

/// <summary>A value that is its text in JSON, also as the name of a property. What is no such text is a <see cref="JsonException"/>.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public abstract class TextJsonConverter<T> : JsonConverter<T>
    where T : class
{
    private protected TextJsonConverter()
    {
    }

    /// <inheritdoc/>
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out T? value)
            ? value
            : throw new JsonException($"It is no {typeof(T).Name}.");

    /// <inheritdoc/>
    public sealed override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryParse(reader.GetString()!, out T? value) ? value : throw new JsonException($"It is no {typeof(T).Name}.");

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public sealed override void WriteAsPropertyName(Utf8JsonWriter writer, [DisallowNull] T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString()!);

    private protected abstract bool TryParse(string text, [NotNullWhen(true)] out T? value);
}

/// <summary>A peer id in JSON: base58 or a CID when it is read, base58 when it is written.</summary>
public sealed class PeerIdJsonConverter : TextJsonConverter<PeerId>
{
    private protected override bool TryParse(string text, [NotNullWhen(true)] out PeerId? value) => PeerId.TryParse(text, out value);
}

/// <summary>A multiaddress in JSON.</summary>
public sealed class MultiaddressJsonConverter : TextJsonConverter<Multiaddress>
{
    private protected override bool TryParse(string text, [NotNullWhen(true)] out Multiaddress? value) => Multiaddress.TryParse(text, out value);
}

/// <summary>A protocol id in JSON.</summary>
public sealed class ProtocolIdJsonConverter : TextJsonConverter<ProtocolId>
{
    private protected override bool TryParse(string text, [NotNullWhen(true)] out ProtocolId? value)
    {
        try
        {
            value = new ProtocolId(text);
            return true;
        }
        catch (ArgumentException)
        {
            value = null;
            return false;
        }
    }
}
