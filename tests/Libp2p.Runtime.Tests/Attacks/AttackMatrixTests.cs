namespace Libp2p.Tests.Attacks;

/// <summary>Every attack on every shape in both roles, through whole nodes: the tables are in <see cref="Expectations"/>.</summary>
public sealed class AttackMatrixTests
{
    public static TheoryData<string, string, string> Served => Cells(Expectations.OfTheResponder);

    public static TheoryData<string, string, string> Called => Cells(Expectations.OfTheInitiator);

    [Theory]
    [MemberData(nameof(Served))]
    public void An_attack_on_a_responder_ends_as_the_table_says(string shape, string attack, string letter) =>
        Check(AttackScene.Play(Shapes.Named(shape), Attacks.Named(attack), victimCalls: false), letter, shape);

    [Theory]
    [MemberData(nameof(Called))]
    public void An_attack_on_an_initiator_ends_as_the_table_says(string shape, string attack, string letter) =>
        Check(AttackScene.Play(Shapes.Named(shape), Attacks.Named(attack), victimCalls: true), letter, shape);

    [Fact]
    public void The_tables_have_every_attack_and_shape_and_say_why_a_cell_is_missing()
    {
        // A form of calling is the responder's shape 5 or 5r; what comes after a first message in an answer is the dialogue's or the caller's.
        string[] notServed = ["5o", "5q"];
        string[] notCalled = ["7+", "8+"];
        foreach ((string table, string[] not) in new[] { (Expectations.OfTheResponder, notServed), (Expectations.OfTheInitiator, notCalled) })
        {
            List<(string Shape, string Attack, string Letter)> cells = [.. Expectations.Cells(table)];
            Assert.Equal(Shapes.All.Select(shape => shape.Name).Except(not), cells.Select(cell => cell.Shape).Distinct());
            Assert.Equal(Attacks.All.Select(attack => attack.Name), cells.Select(cell => cell.Attack).Distinct());
            Assert.All(cells, cell => Assert.Contains(cell.Letter, Expectations.Letters));
        }
    }

    private static void Check(AttackScene scene, string letter, string shape)
    {
        string told = $"{scene.Failure?.GetType().Name ?? "nothing"} ({scene.Failure?.Message}) after {scene.Took}, seen: {string.Join("; ", scene.Seen)}";
        ErrorCode code = letter is "V" or "C" or "G" ? ErrorCode.ProtocolViolation : ErrorCode.None;
        Type? failure = letter switch
        {
            "V" or "C" => typeof(ProtocolViolationException),
            "D" => typeof(DeadlineExceededException),
            "G" => typeof(StreamResetException),
            _ => null,
        };
        Assert.True(scene.Failure?.GetType() == failure, told);
        Assert.NotEmpty(scene.Seen);
        if (letter is "+" or "C")
        {
            Assert.All(scene.Seen, end => Assert.True((end?.Code ?? code) == code || (letter == "C" && end is { IsClean: true }), told));
            return;
        }

        Assert.All(scene.Seen, end => Assert.True(end is { By: EndedBy.Remote } && end.Code == code, told));
        if (letter == "D")
        {
            Assert.True(scene.Took == TimeSpan.FromSeconds(shape is "5k" or "6k" ? 30 : 10), told);
        }
    }

    private static TheoryData<string, string, string> Cells(string table)
    {
        TheoryData<string, string, string> cells = [];
        foreach ((string shape, string attack, string letter) in Expectations.Cells(table).Where(cell => !char.IsLower(cell.Letter[0])))
        {
            cells.Add(shape, attack, letter);
        }

        return cells;
    }
}
