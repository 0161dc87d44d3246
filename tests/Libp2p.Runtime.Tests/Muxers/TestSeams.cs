using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers;

/// <summary>Seams for muxers: the thread pool, and time as a test wants it.</summary>
internal static class TestSeams
{
    public static NodeSeams OnThreadPool(TimeProvider? time = null) => On(ThreadPoolScheduler.Instance, time);

    public static NodeSeams On(NodeScheduler scheduler, TimeProvider? time = null) =>
        new(time ?? TimeProvider.System, new SeededRandomSource(1), scheduler);
}

/// <summary>A scope that grants up to a limit and remembers what is out.</summary>
internal sealed class TestScope(long limit = long.MaxValue) : IResourceScope
{
    private long _memory;

    public long Memory => Interlocked.Read(ref _memory);

    public long Limit { get; set; } = limit;

    public ResourceScopeKind Kind => ResourceScopeKind.Connection;

    public string Name => "test";

    public ResourceUsage Usage => new(Memory, 0, 0, 0, 0);

    public bool TryReserveMemory(long bytes)
    {
        if (Interlocked.Add(ref _memory, bytes) <= Limit)
        {
            return true;
        }

        Interlocked.Add(ref _memory, -bytes);
        return false;
    }

    public void ReleaseMemory(long bytes) => Assert.True(Interlocked.Add(ref _memory, -bytes) >= 0, "More memory came back than was taken.");
}
