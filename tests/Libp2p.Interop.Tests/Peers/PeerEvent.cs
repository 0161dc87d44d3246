using System.Text.Json;

namespace Libp2p.Interop.Peers;

/// <summary>One line of a peer's stdout: an object with an <c>event</c>.</summary>
internal sealed class PeerEvent
{
    private readonly JsonElement _json;

    private PeerEvent(JsonElement json, string name)
    {
        _json = json;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Whether a result or a reply tells of success.</summary>
    public bool Ok => _json.TryGetProperty("ok", out JsonElement ok) && ok.ValueKind == JsonValueKind.True;

    /// <summary>Reads a line; what is not an event breaks the contract.</summary>
    public static PeerEvent Parse(string line)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(line);
        }
        catch (JsonException e)
        {
            throw new PeerException($"stdout is not JSON lines: {line}", e);
        }

        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("event", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? new PeerEvent(json, name.GetString()!)
            : throw new PeerException($"no event: {line}");
    }

    public string? Text(string field) => _json.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public long? Number(string field) => _json.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>A number that need not be whole, below all these names.</summary>
    public double? Real(params ReadOnlySpan<string> path)
    {
        JsonElement value = _json;
        foreach (string name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return null;
            }
        }

        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }

    public IReadOnlyList<string> Texts(string field) => [.. Items(field).Select(item => item.ToString())];

    /// <summary>What an array holds; empty where there is none.</summary>
    public IReadOnlyList<JsonElement> Items(string field) =>
        _json.TryGetProperty(field, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [];

    public override string ToString() => _json.GetRawText();
}

/// <summary>A peer did not do what the contract or the test asked of it.</summary>
internal sealed class PeerException(string message, Exception? cause = null) : Exception(message, cause);
