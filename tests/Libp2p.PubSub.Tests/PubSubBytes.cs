using System.Text.Json;
using Google.Protobuf;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.PubSub.Tests;

/// <summary>RPCs as js-libp2p writes them, behind their lengths, and the same as objects.</summary>
internal static class PubSubBytes
{
    /// <summary>{ subscriptions: [subscribe a, unsubscribe b] }.</summary>
    public static readonly byte[] Subscriptions = OfJs("subscribe and unsubscribe");

    /// <summary>{ publish: [{ data: "anon", topic: "t" }] }.</summary>
    public static readonly byte[] Message = OfJs("unsigned message");

    /// <summary>An RPC of the test vectors.</summary>
    public static byte[] OfJs(string name) => Frame(Vector("pubsub.json", name, "rpc"));

    /// <summary>The row of the test vectors with a message that was signed by a key of this type.</summary>
    public static JsonElement Signed(string keyType)
    {
        using FileStream stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "messages", "pubsub.json"));
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("signing").GetProperty("signed").EnumerateArray()
            .Single(row => row.GetProperty("key_type").GetString() == keyType).Clone();
    }

    public static Rpc Subscribing() => new()
    {
        Subscriptions = { new Rpc.Types.SubOpts { Subscribe = true, TopicId = "a" }, new Rpc.Types.SubOpts { Subscribe = false, TopicId = "b" } },
    };

    public static Rpc Publishing() => new()
    {
        Publish = { new PubSubMessage { Data = ByteString.CopyFromUtf8("anon"), Topic = "t" }.ToByteString() },
    };
}
