using Xunit.Abstractions;

namespace Libp2p.Tests.Faults;

/// <summary>
/// A remote that fails at any step of a connection's life: at the beginning, behind the first byte and before the last byte of each
/// of its messages, and inside of them - security id, handshake, muxer, protocol of the stream, request, close - as dialler and as
/// listener.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FaultSweepTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);

    public static TheoryData<FaultKind, bool> Faults()
    {
        TheoryData<FaultKind, bool> all = [];
        foreach (FaultKind kind in Enum.GetValues<FaultKind>())
        {
            all.Add(kind, false);
            all.Add(kind, true);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_remote_that_fails_anywhere_costs_its_connection_and_nothing_else(FaultKind kind, bool faultyDials)
    {
        FaultScene sound = FaultScene.Play(null, faultyDials);
        Assert.Null(sound.Failure);
        Assert.Equal(TimeSpan.Zero, sound.Took);

        foreach (long at in Cuts(sound.Flushes))
        {
            FaultScene scene = FaultScene.Play(new Fault(kind, at), faultyDials);
            output.WriteLine($"{at}: {scene.Took}: {scene.Failure?.Message} {string.Join(' ', scene.Refusals)}");

            if (kind == FaultKind.Silence)
            {
                EndsAtTheDeadline(scene, faultyDials);
            }
            else
            {
                Assert.InRange(scene.Took, TimeSpan.Zero, TimeSpan.FromSeconds(15));
            }

            foreach (DialAttempt attempt in (scene.Failure as DialException)?.Attempts ?? [])
            {
                Assert.IsType<Libp2pException>(attempt.Cause, exactMatch: false);
                Assert.InRange(attempt.Reached, DialStage.Security, DialStage.Muxer);
            }
        }
    }

    private static void EndsAtTheDeadline(FaultScene scene, bool faultyDials)
    {
        if (scene.WasConnected)
        {
            Assert.True(scene.Failure is null or DeadlineExceededException or ConnectionClosedException or StreamResetException, $"{scene.Failure}");
            return;
        }

        Assert.Equal(s_handshake, scene.Took);
        if (faultyDials)
        {
            Assert.Contains("The upgrade took longer than 10 s", Assert.Single(scene.Refusals), StringComparison.Ordinal);
        }
        else
        {
            DialException failed = Assert.IsType<DialException>(scene.Failure);
            Assert.IsType<DeadlineExceededException>(Assert.Single(failed.Attempts).Cause);
        }
    }

    /// <summary>Before, behind the first byte of and before the last byte of each flush, and every tenth byte.</summary>
    private static IEnumerable<long> Cuts(IReadOnlyList<long> flushes) => flushes.SelectMany(end => new[] { end - 1, end, end + 1 })
        .Concat(Enumerable.Range(0, (int)flushes[^1] / 10).Select(i => 10L * i))
        .Where(at => at >= 0 && at < flushes[^1]).Distinct().Order();
}
