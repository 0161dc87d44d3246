using System.Text;
using Libp2p.Connections;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>What goes over the wire of <see cref="ITalk"/>, and who sends it by hand.</summary>
internal static class Wire
{
    /// <summary>A message, framed.</summary>
    public static byte[] Frame(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    /// <summary>Messages, framed.</summary>
    public static byte[] Frames(params string[] texts) => [.. texts.SelectMany(Frame)];

    /// <summary>What an operation asks an opener for.</summary>
    public static StreamRequest Request(string operation) => Request(ITalk.Protocol, operation);

    /// <inheritdoc cref="Request(string)"/>
    public static StreamRequest Request<T>(Protocol<T> protocol, string operation)
        where T : class => protocol.Settings(operation).Request;

    /// <summary>A stream to the responder, written by hand.</summary>
    public static ValueTask<P2PStream> OpenAsync(this InMemoryOpener opener, string operation) => opener.OpenStreamAsync(Request(operation), default);

    /// <summary>A remote that reads the whole request and sends bytes, one at a time.</summary>
    public static Func<P2PStream, ValueTask> Answers(params byte[] bytes) => async stream =>
    {
        await stream.ReceiveAllAsync();
        await stream.DripAsync(bytes);
    };

    /// <summary>Items of a stream that a caller gives.</summary>
    public static async IAsyncEnumerable<T> Items<T>(params T[] items)
    {
        foreach (T item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    /// <summary>Items, and then a failure.</summary>
    public static async IAsyncEnumerable<string> Failing(Exception failure, params string[] items)
    {
        await foreach (string item in Items(items))
        {
            yield return item;
        }

        throw failure;
    }

    /// <summary>Items, and then nothing until the enumeration is cancelled.</summary>
    public static async IAsyncEnumerable<string> Endless(
        TaskCompletionSource ended, string[] items, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default)
    {
        try
        {
            foreach (string item in items)
            {
                yield return item;
            }

            await Task.Delay(Timeout.Infinite, token);
        }
        finally
        {
            ended.TrySetResult();
        }
    }
}
