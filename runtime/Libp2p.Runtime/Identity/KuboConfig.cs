using System.Security.Cryptography;
using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p;

/// <summary>
/// The configuration of kubo (https://github.com/ipfs/kubo/blob/master/docs/config.md#identity), of which the identity is read.
/// <code>
/// { "Identity": { "PeerID": "12D3KooW…", "PrivKey": "CAES…" }, … }
/// </code>
/// </summary>
internal static class KuboConfig
{
    private const int MaxBase64Length = PrivateKey.MaxProtobufLength / 3 * 4;

    public static PrivateKey Read(ReadOnlySpan<byte> utf8, CryptoEngine engine)
    {
        byte[] base64 = GC.AllocateArray<byte>(MaxBase64Length, pinned: true);

        try
        {
            int length = ReadIdentity(utf8, base64, out string? peerId);
            PrivateKey key = KeyFile.ReadBase64(base64.AsSpan(0, length), engine);

            if (peerId is null || (PeerId.TryParse(peerId, out PeerId? peer) && peer == key.PublicKey.PeerId))
            {
                return key;
            }

            key.Dispose();
            PrivateKey.Refuse("the PeerID beside the key is not the key's");
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(base64);
        }
    }

    /// <summary>Copies the key's text, which must not become a string: none can be wiped.</summary>
    private static int ReadIdentity(ReadOnlySpan<byte> utf8, Span<byte> base64, out string? peerId)
    {
        int length = 0;
        peerId = null;

        try
        {
            Utf8JsonReader json = new(utf8);
            json.Read();

            if (MoveTo(ref json, "Identity"u8) && json.TokenType == JsonTokenType.StartObject)
            {
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    bool isKey = json.ValueTextEquals("PrivKey"u8);
                    bool isPeer = json.ValueTextEquals("PeerID"u8);
                    json.Read();

                    if (json.TokenType == JsonTokenType.String && isKey && json.ValueSpan.Length <= base64.Length)
                    {
                        length = json.CopyString(base64);
                    }
                    else if (isPeer)
                    {
                        peerId = json.TokenType == JsonTokenType.String ? json.GetString() : string.Empty;
                    }

                    json.Skip();
                }
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            PrivateKey.Refuse("no valid JSON"); // without the reader's words, which quote
        }

        if (length == 0)
        {
            PrivateKey.Refuse("the configuration has no Identity.PrivKey");
        }

        return length;
    }

    /// <summary>Goes to the value of a property of the object at hand.</summary>
    private static bool MoveTo(ref Utf8JsonReader json, ReadOnlySpan<byte> property)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isWanted = json.ValueTextEquals(property);
            json.Read();

            if (isWanted)
            {
                return true;
            }

            json.Skip();
        }

        return false;
    }
}
