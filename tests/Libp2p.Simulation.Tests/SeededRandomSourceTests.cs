using System.Buffers.Binary;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation.Tests;

public class SeededRandomSourceTests
{
    [Fact]
    public void The_generator_is_xoshiro256_star_star()
    {
        byte[] state = new byte[32];
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(i * 8), (ulong)i + 1);
        }

        // From the reference implementation, with the state 1, 2, 3, 4.
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360,
            607988272756665600, 16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        Xoshiro256 generator = new(state);
        Assert.All(expected, value => Assert.Equal(value, generator.Next()));
    }

    [Fact]
    public void A_seed_gives_the_same_bytes_in_every_process()
    {
        byte[] bytes = new byte[16];
        new SeededRandomSource(42).Fork("node").Fill(bytes);
        Assert.Equal("3988b800e8d229caa8424128939b4729", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void A_fork_does_not_depend_on_what_was_drawn_before()
    {
        SeededRandomSource fresh = new(1);
        SeededRandomSource used = new(1);
        used.Next(10);
        used.Fork("another").Next(10);

        Assert.Equal(Bytes(fresh.Fork("a")), Bytes(used.Fork("a")));
        Assert.NotEqual(Bytes(fresh.Fork("a")), Bytes(fresh.Fork("b")));
        Assert.NotEqual(Bytes(fresh.Fork("a")), Bytes(new SeededRandomSource(2).Fork("a")));
        Assert.NotEqual(Bytes(fresh.Fork("a")), Bytes(fresh.Fork("a").Fork("a")));
    }

    [Fact]
    public void Numbers_stay_below_the_bound_and_reach_every_value()
    {
        SeededRandomSource random = new(3);
        foreach (int bound in new[] { 1, 2, 3, 10, 1000 })
        {
            int[] counts = new int[bound];
            for (int i = 0; i < bound * 100; i++)
            {
                counts[random.Next(bound)]++;
            }

            Assert.All(counts, static count => Assert.InRange(count, 50, 170));
        }

        Assert.InRange(random.Next(int.MaxValue), 0, int.MaxValue - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(0));
    }

    [Fact]
    public void It_may_be_drawn_from_on_many_threads()
    {
        SeededRandomSource random = new(3);
        byte[][] drawn = [.. Enumerable.Range(0, 400).AsParallel().WithDegreeOfParallelism(4).Select(_ => Bytes(random))];
        Assert.Equal(400, drawn.Select(Convert.ToHexStringLower).Distinct().Count());
    }

    private static byte[] Bytes(SeededRandomSource random)
    {
        byte[] bytes = new byte[19];
        random.Fill(bytes);
        return bytes;
    }
}
