namespace Libp2p.Tests.Attacks;

/// <summary>One row of the matrix: what a hostile end does on its stream.</summary>
/// <param name="Name">As the tables of <see cref="Expectations"/> call it.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record Attack(string Name, Func<Attacker, Task> RunAsync)
{
    /// <summary>Whether it reads what the victim sends.</summary>
    public bool Reads { get; init; } = true;

    public override string ToString() => Name;
}

/// <summary>The rows of the matrix.</summary>
internal static class Attacks
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static readonly IReadOnlyList<Attack> All =
    [
        new("a message of the limit", static a => a.SendLastAsync(a.OfLength(Attacker.Limit))),
        new("a byte more", static a => a.SendAsync(a.OfLength(Attacker.Limit + 1))),
        new("as many elements as may be", static a => a.SendLastAsync(a.OfParts(a.MaxParts))),
        new("an element more", static a => a.SendAsync(a.OfParts(a.MaxParts + 1))),
        new("half a million submessages", static a => a.SendAsync(a.OfParts(500_000))),
        new("as many frames as may be", static a => a.SendLastAsync([.. Enumerable.Repeat(a.Honest, 10).SelectMany(static frame => frame)])),
        new("a frame more", static a => a.SendAsync([.. Enumerable.Repeat(a.Honest, 11).SelectMany(static frame => frame)])),
        new("truncated", static a => a.SendLastAsync(a.Honest[..^1])),
        new("garbage", static a => a.SendAsync(3, 0xff, 0xff, 0xff)),
        new("a prefix without end", static a => a.SendAsync([.. Enumerable.Repeat((byte)0x80, 11)])),
        new("a message without end", static async a =>
        {
            await a.SendAsync(100);
            await a.RepeatAsync([0x12], s_second);
        }),
        new("byte after byte", static a => a.DripAsync(a.Honest)),
        new("an empty frame", static a => a.SendLastAsync(0)),
        new("empty frames without end", static a => a.RepeatAsync(new byte[4096], s_second / 10)),
        new("an unknown kind", static a => a.SendAsync(a.OfUnknownKind)),
        new("what is not due", static a => a.SendAsync([.. a.Honest, .. a.Honest])),
        new("an answer of another kind", static a => a.SendAsync(a.OfAnotherKind)),
        new("silence", static _ => Task.CompletedTask),
        new("nothing is read", static _ => Task.CompletedTask) { Reads = false },
    ];

    public static Attack Named(string name) => All.Single(attack => attack.Name == name);
}
