using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Libp2p.Codecs;

/// <summary>JSON, by System.Text.Json's source generation. Values are counted before any of them is made; JSON's null is no message.</summary>
/// <typeparam name="T">The message's type.</typeparam>
/// <param name="type">What the serializer context knows of it.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class JsonCodec<T>(JsonTypeInfo<T> type) : MessageCodec<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override int GetSize(T message)
    {
        CountingWriter counter = new();
        Write(message, counter);
        return counter.Written;
    }

    /// <inheritdoc/>
    public override void Write(T message, IBufferWriter<byte> destination)
    {
        using Utf8JsonWriter writer = new(destination, new JsonWriterOptions { Encoder = type.Options.Encoder, Indented = type.Options.WriteIndented });
        JsonSerializer.Serialize(writer, message, type);
    }

    /// <inheritdoc/>
    public override T Read(ReadOnlySequence<byte> source, int maxElements)
    {
        JsonReaderOptions options = new()
        {
            MaxDepth = type.Options.MaxDepth,
            AllowTrailingCommas = type.Options.AllowTrailingCommas,
            CommentHandling = type.Options.ReadCommentHandling,
        };
        try
        {
            CheckElements(new Utf8JsonReader(source, options), maxElements);
            Utf8JsonReader reader = new(source, options);
            T? message = JsonSerializer.Deserialize(ref reader, type);
            return reader.Read() || message is null ? throw new ProtocolViolationException("A JSON text that is not one message") : message;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new ProtocolViolationException($"A message that is not the JSON of a {typeof(T).Name}", e);
        }
    }

    private static void CheckElements(Utf8JsonReader reader, int maxElements)
    {
        int elements = 0;
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject or JsonTokenType.PropertyName) && ++elements > maxElements)
            {
                throw new ProtocolViolationException($"A JSON message of more than {maxElements} values");
            }
        }
    }

    /// <summary>Counts what is written, and keeps nothing of it.</summary>
    private sealed class CountingWriter : IBufferWriter<byte>
    {
        private byte[] _scratch = new byte[256];

        public int Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_scratch.Length < sizeHint)
            {
                _scratch = new byte[sizeHint];
            }

            return _scratch;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
