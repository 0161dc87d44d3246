using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.TestKit;

/// <summary>Writes and reads a known sequence of bytes in every way that pipes allow, chosen at random.</summary>
public static class RandomTraffic
{
    /// <summary>Writes the sequence.</summary>
    /// <param name="output">The output under test; stays open.</param>
    /// <param name="total">Bytes in all.</param>
    /// <param name="seed">Chooses sizes, calls and flushes.</param>
    public static async Task WriteAsync(PipeWriter output, int total, ulong seed)
    {
        SeededRandomSource random = new(seed);
        int sent = 0;

        while (sent < total)
        {
            int count = Math.Min(total - sent, Size(random));

            switch (random.Next(5))
            {
                case 0:
                    byte[] bytes = new byte[count];
                    Fill(bytes, sent);
                    await output.WriteAsync(bytes);
                    break;
                case 1:
                    Fill(output.GetSpan(count)[..count], sent);
                    output.Advance(count);
                    break;
                case 2:
                    Memory<byte> room = output.GetMemory();
                    count = Math.Min(count, room.Length);
                    Fill(room.Span[..count], sent);
                    output.Advance(count);
                    break;
                case 3:
                    byte[] span = new byte[count];
                    Fill(span, sent);
                    output.Write(span);
                    break;
                default:
                    output.GetMemory(count);
                    count = 0;
                    await output.FlushAsync();
                    break;
            }

            sent += count;

            if (random.Next(4) == 0)
            {
                await output.FlushAsync();
            }
        }

        await output.FlushAsync();
    }

    /// <summary>Reads the sequence, and fails at the first byte that is another.</summary>
    /// <param name="input">The input under test; stays open.</param>
    /// <param name="total">Bytes in all.</param>
    /// <param name="seed">Chooses calls, and what is consumed and examined.</param>
    public static async Task ReadAsync(PipeReader input, int total, ulong seed)
    {
        SeededRandomSource random = new(seed);
        long consumed = 0;

        while (consumed < total)
        {
            ReadResult read = default;

            if (random.Next(3) > 0 || !input.TryRead(out read))
            {
                read = random.Next(5) == 0
                    ? await input.ReadAtLeastAsync((int)Math.Min(total - consumed, Size(random)))
                    : await input.ReadAsync();
            }

            Check(read.Buffer, consumed);
            long take = random.Next(3) switch { 0 => 0, 1 => read.Buffer.Length, _ => random.Next((int)read.Buffer.Length + 1) };
            long seen = random.Next(2) == 0 ? read.Buffer.Length : take + random.Next((int)(read.Buffer.Length - take) + 1);

            // A reader that examined everything and consumed nothing asks for more, which a full writer cannot send before something is consumed.
            take = seen == read.Buffer.Length && read.Buffer.Length > 200_000 ? seen : take;
            take = consumed + read.Buffer.Length == total && seen == read.Buffer.Length ? seen : take;
            input.AdvanceTo(read.Buffer.GetPosition(take), read.Buffer.GetPosition(seen));
            consumed += take;
        }
    }

    private static int Size(SeededRandomSource random) => random.Next(5) switch
    {
        0 => 1 + random.Next(20),
        1 => 1 + random.Next(1000),
        2 => 1 + random.Next(20_000),
        3 => 1 + random.Next(70_000),
        _ => 1 + random.Next(200_000),
    };

    /// <summary>The byte at each position is known, so that any piece can be checked by itself.</summary>
    private static void Fill(Span<byte> bytes, long position)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = At(position + i);
        }
    }

    private static void Check(ReadOnlySequence<byte> bytes, long position)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            ReadOnlySpan<byte> span = part.Span;

            for (int i = 0; i < span.Length; i++)
            {
                if (span[i] != At(position++))
                {
                    Assert.Fail($"The byte at {position - 1} is another one.");
                }
            }
        }
    }

    private static byte At(long position) => (byte)((uint)position * 2654435761u >> 24);
}
