using System.Globalization;
using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Peer.Kit;

/// <summary>One line of the kit: what to do, and the arguments by name.</summary>
internal readonly struct KitRequest
{
    private readonly JsonElement _line;

    public KitRequest(JsonElement line) => _line = line.ValueKind == JsonValueKind.Object
        ? line
        : throw new KitException("a request is a JSON object");

    /// <summary>The engine that was asked for, or the best one here.</summary>
    public CryptoEngine Engine => TryGet("engine", out _) ? Named(Text("engine")) : CryptoEngine.Default;

    public bool Has(string name) => TryGet(name, out _);

    public string Text(string name)
    {
        JsonElement value = Get(name);

        if (value.ValueKind != JsonValueKind.String)
        {
            throw new KitException($"\"{name}\" is not a text");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new KitException($"\"{name}\" is not valid Unicode"); // half a surrogate pair, or bytes that are no UTF-8
        }
    }

    public byte[] Hex(string name)
    {
        try
        {
            return Convert.FromHexString(Text(name));
        }
        catch (FormatException)
        {
            throw new KitException($"\"{name}\" is not hex");
        }
    }

    /// <summary>A number, as text because JSON's numbers end at 2^53; small ones may come as numbers.</summary>
    public ulong Number(string name)
    {
        JsonElement value = Get(name);
        string text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(name);

        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw new KitException($"\"{name}\" is not a number from 0 to 2^64 - 1");
    }

    private static CryptoEngine Named(string name) => name switch
    {
        "platform" => CryptoEngine.Platform,
        "portable" => CryptoEngine.Portable,
        "libsodium" => CryptoEngine.TryGetLibsodium(out CryptoEngine? engine) ? engine : throw new KitException("libsodium is not installed"),
        _ => throw new KitException("an engine is platform, libsodium or portable"),
    };

    private JsonElement Get(string name) => TryGet(name, out JsonElement value) ? value : throw new KitException($"\"{name}\" is missing");

    private bool TryGet(string name, out JsonElement value) => _line.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
