using System.Text.Json;
using Libp2p.Connections;

namespace Libp2p.TestKit.Calls;

/// <summary>Bytes as a scripted peer has them: written down by hand or by other implementations, and cut as a network cuts them.</summary>
public static class WireBytes
{
    /// <summary>Bytes of hexadecimal text; blanks are for the eye.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>The bytes behind their length, an unsigned varint.</summary>
    public static byte[] Frame(params byte[] message)
    {
        List<byte> frame = [];
        int rest = message.Length;
        for (; rest >= 0x80; rest >>= 7)
        {
            frame.Add((byte)(rest | 0x80));
        }

        return [.. frame, (byte)rest, .. message];
    }

    /// <summary>A message of the test vectors that lie beside the test assembly, without its length.</summary>
    public static byte[] Vector(string file, string name, string list = "messages")
    {
        using FileStream stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "messages", file));
        using JsonDocument document = JsonDocument.Parse(stream);
        return Convert.FromHexString(
            document.RootElement.GetProperty(list).EnumerateArray().Single(row => row.GetProperty("name").GetString() == name).GetProperty("hex").GetString()!);
    }

    /// <summary>Every place at which so many bytes can be cut in two, the ends included.</summary>
    public static TheoryData<int> SplitsOf(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length + 1)];

    /// <summary>Writes the bytes in two flushes.</summary>
    public static async Task SendSplitAsync(this P2PStream stream, byte[] bytes, int split)
    {
        await stream.SendAsync(bytes[..split]);
        await Task.Yield();
        await stream.SendAsync(bytes[split..]);
    }

    /// <summary>A remote that reads a request to its end and sends these bytes.</summary>
    public static InMemoryOpener Answering(params byte[] reply) => new(async stream =>
    {
        await stream.ReceiveAllAsync();
        await stream.SendAsync(reply);
    });

    /// <summary>All that a responder sends after the bytes of a request.</summary>
    public static async Task<byte[]> AnswerAsync<T>(this InMemoryOpener opener, Protocol<T> protocol, byte[] request)
        where T : class
    {
        await using P2PStream stream = await opener.DialAsync(protocol);
        await stream.SendAsync(request);
        return await stream.ReceiveAllAsync();
    }

    /// <summary>A stream to the responder, whose initiator is the test.</summary>
    public static ValueTask<P2PStream> DialAsync<T>(this InMemoryOpener opener, Protocol<T> protocol)
        where T : class => opener.OpenStreamAsync(new StreamRequest(protocol.Ids), default);
}
