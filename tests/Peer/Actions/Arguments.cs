using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Libp2p.Peer.Actions;

/// <summary>The arguments of an action: JSON fields, or the command line's texts.</summary>
internal sealed class Arguments(JsonObject fields)
{
    /// <summary>Of a multiaddr, several (comma separated), or a peer id.</summary>
    public PeerId Peer
    {
        get
        {
            string text = Text("peer") ?? throw new ArgumentException("this action needs a peer");
            return text.StartsWith('/')
                ? Addresses[0].Peer ?? throw new ArgumentException($"{text} names no peer")
                : PeerId.Parse(text);
        }
    }

    public IReadOnlyList<Multiaddress> Addresses => Text("peer") is { } text && text.StartsWith('/')
        ? [.. text.Split(',').Select(Multiaddress.Parse)]
        : [];

    /// <summary>How long the action may wait for the other side.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(Number("timeout", 30_000));

    public string? Text(string name) => fields[name]?.ToString();

    public double Number(string name, double otherwise) => Text(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public int Int(string name, int otherwise) => (int)Number(name, otherwise);

    public ulong Bytes(string name) => (ulong)Number(name, 0);

    public bool Flag(string name) => fields[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>hex, data, or size random bytes.</summary>
    public byte[] Payload(int size) => Text("hex") is { } hex ? Convert.FromHexString(hex)
        : Text("data") is { } data ? Encoding.UTF8.GetBytes(data)
        : RandomNumberGenerator.GetBytes(Int("size", size));
}
