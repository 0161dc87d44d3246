using System.Text.Json;
using System.Text.Json.Nodes;

namespace Libp2p.Peer;

/// <summary>JSON lines on stdout, one object a line. Thread-safe.</summary>
internal sealed class JsonLines(Stream stream)
{
    private readonly Lock _lock = new();

    public void Write(string name, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        JsonObject line = new() { ["event"] = name };
        foreach ((string field, object? value) in fields)
        {
            line[field] = ToNode(value);
        }

        Write(line);
    }

    public void Write(string name, JsonObject fields)
    {
        JsonObject line = new() { ["event"] = name };
        foreach ((string field, JsonNode? value) in fields)
        {
            line[field] = value?.DeepClone();
        }

        Write(line);
    }

    public static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        JsonNode node => node,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        string text => text,
        IEnumerable<string> texts => new JsonArray([.. texts.Select(text => (JsonNode)text)]),
        IEnumerable<double> numbers => new JsonArray([.. numbers.Select(number => (JsonNode)number)]),
        IEnumerable<JsonObject> objects => new JsonArray([.. objects]),
        _ => value.ToString(),
    };

    private void Write(JsonObject line)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(line);
        lock (_lock)
        {
            stream.Write(bytes);
            stream.WriteByte((byte)'\n');
            stream.Flush();
        }
    }
}
