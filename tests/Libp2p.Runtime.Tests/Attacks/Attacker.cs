using System.IO.Pipelines;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Attacks;

/// <summary>The hostile end of one stream: writes bytes by hand, and sees how the stream ends.</summary>
/// <param name="stream">The stream; its owner's.</param>
/// <param name="shape">What its victim serves or calls.</param>
/// <param name="answers">Whether the victim has called, so that what we send are answers.</param>
/// <param name="time">How it takes its time.</param>
internal sealed class Attacker(P2PStream stream, Shape shape, bool answers, TimeProvider time)
{
    /// <summary>Bytes of a message that are allowed.</summary>
    public const int Limit = 1 * Size.MiB;

    /// <summary>Elements of a message that are allowed: the member of an envelope is one.</summary>
    public int MaxParts => shape.Wrap == Wrap.Envelope ? 99 : 100;

    /// <summary>Whether it has ended its direction.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>A message by the rules, in its frame.</summary>
    public byte[] Honest => WireBytes.Frame(Wrapped([0x12, 1, 7]));

    /// <summary>A message for another operation than the one that it is about, or an answer of another kind.</summary>
    public byte[] OfAnotherKind => WireBytes.Frame(shape.Wrap == Wrap.Kind ? [0x18, 3] : [0x1a, 0]);

    /// <summary>A message of a kind that nobody knows.</summary>
    public byte[] OfUnknownKind => WireBytes.Frame(shape.Wrap == Wrap.Kind ? [0x18, 9] : [0x4a, 0]);

    /// <summary>A message of so many bytes, in its frame.</summary>
    public byte[] OfLength(int length)
    {
        int surplus = Wrapped(Load(length)).Length - length;
        return WireBytes.Frame(Wrapped(Load(length - surplus)));
    }

    /// <summary>A message of so many elements, in its frame.</summary>
    public byte[] OfParts(int count) => WireBytes.Frame(Wrapped([.. Enumerable.Range(0, 2 * count).Select(static i => i % 2 == 0 ? (byte)0x0a : (byte)0)]));

    public Task SendAsync(params byte[] bytes) => stream.SendAsync(bytes);

    public Task SendLastAsync(params byte[] bytes)
    {
        HasEnded = true;
        return stream.SendLastAsync(bytes);
    }

    public async Task DripAsync(byte[] bytes)
    {
        await stream.DripAsync(bytes);
        await SendLastAsync();
    }

    /// <summary>Sends the same again and again, until nobody wants it.</summary>
    public async Task RepeatAsync(byte[] bytes, TimeSpan pause)
    {
        while (!(await stream.Output.WriteAsync(bytes)).IsCompleted && stream.End is null)
        {
            await Task.Delay(pause, time);
        }
    }

    /// <summary>Plays by the rules until the attack is due.</summary>
    public async Task BehaveAsync()
    {
        if (!shape.IsLater)
        {
            return;
        }

        if (answers)
        {
            await ReadAsync(1); // an empty parcel
            await SendAsync(Honest);
            await ReadAsync(1); // of the next request
            return;
        }

        await SendAsync(Honest);
        if (shape.IsReused)
        {
            await ReadAsync(Honest.Length);
        }
    }

    /// <summary>Reads until the victim ends its direction, and if we have not ended ours waits until it resets.</summary>
    public async Task HearEndAsync(bool reads)
    {
        try
        {
            while (reads)
            {
                ReadResult read = await stream.Input.ReadAsync();
                stream.Input.AdvanceTo(read.Buffer.End);
                reads = !read.IsCompleted;
            }
        }
        catch (Libp2pException)
        {
            return;
        }

        if (!HasEnded)
        {
            await stream.AbortedAsync();
        }
    }

    private async Task ReadAsync(int count)
    {
        for (long there = 0; there < count;)
        {
            ReadResult read = await stream.Input.ReadAsync();
            there += read.Buffer.Length;
            stream.Input.AdvanceTo(read.Buffer.End);
            Assert.False(read.IsCompleted);
        }
    }

    private byte[] Wrapped(byte[] parcel) => shape.Wrap switch
    {
        Wrap.Kind => [0x18, answers ? (byte)2 : (byte)1, .. parcel],
        Wrap.Envelope => [answers ? (byte)0x12 : (byte)0x0a, .. WireBytes.Frame(parcel)],
        _ => parcel,
    };

    private static byte[] Load(int length) => [0x12, .. WireBytes.Frame(new byte[length])];
}
