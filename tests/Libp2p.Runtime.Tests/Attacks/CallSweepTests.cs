using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Faults;

namespace Libp2p.Tests.Attacks;

/// <summary>
/// A call of every shape is cut behind its k-th step, for all k until it is over: by its caller's token, by its handler, by the disposal of
/// what the caller holds, by the end of its connection at either side. It ends with an error of the kind that belongs to the cut or
/// succeeds, leaves nothing at either node, and the next call succeeds.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CallSweepTests
{
    /// <summary>Longer than any time of an operation, and than an idle stream is kept.</summary>
    private static readonly TimeSpan s_aftermath = TimeSpan.FromSeconds(60);

    public static TheoryData<string> AllShapes => [.. Shapes.All.Select(shape => shape.Name)];

    public static TheoryData<string> HeldShapes => [.. Held.All.Select(held => held.Name)];

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void A_caller_who_gives_up_is_told_so_and_nothing_else(string shape) => Sweep(async (scene, steps) =>
    {
        using CancellationTokenSource source = new();
        Cut cut = await scene.CutAsync(
            Shapes.Named(shape),
            steps,
            () =>
            {
                source.Cancel();
                return Task.CompletedTask;
            },
            source.Token);
        Assert.True(
            cut.Failure is null || cut.Failure is OperationCanceledException e && e.CancellationToken == source.Token
                || shape == "5k" && cut.Failure is ConnectionClosedException, // the token is the writer's: it ends as one that was disposed of
            $"{steps}: {cut.Failure}");
        return cut.WasOver;
    });

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void A_handler_that_throws_after_any_await_resets_its_stream(string shape) => Sweep(async (scene, steps) =>
    {
        scene.ThrowsAt = steps;
        Cut cut = await scene.CutAsync(Shapes.Named(shape), int.MaxValue, static () => Task.CompletedTask);
        await scene.SettleAsync();
        bool isThrown = scene.ThrowsAt < 0;
        Assert.True(
            cut.Failure is null ? !isThrown || shape is "2" or "2m" or "5" or "5o" // which do not wait for it
                    or "5k" or "6k" or "r+" // which are opened again
                : isThrown && cut.Failure is StreamResetException { Reason: { By: EndedBy.Remote, Code: var code } } && code == ErrorCode.HandlerFailed,
            $"{steps}: {cut.Failure}");
        scene.ThrowsAt = int.MaxValue;
        return !isThrown;
    });

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void A_connection_that_we_close_ends_its_calls(string shape) => CloseBehindAnyStep(shape, static scene => scene.Connection);

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void A_connection_that_the_remote_closes_ends_its_calls(string shape) => CloseBehindAnyStep(shape, static scene => scene.TheirConnection);

    [Theory]
    [MemberData(nameof(HeldShapes))]
    public void What_the_caller_holds_can_be_disposed_of_behind_any_step(string name) => Sweep(async (scene, steps) =>
    {
        Held held = Held.All.Single(held => held.Name == name);
        Call call = scene.Call(default);
        IAsyncDisposable opened = await held.OpenAsync(call);
        Cut cut = await scene.CutAsync(new Shape(name, "/", _ => held.UseAsync(call, opened)), steps, () => opened.DisposeAsync().AsTask());
        Assert.True(
            cut.Failure is null or StreamResetException { Reason.By: EndedBy.Local } or OperationCanceledException or ConnectionClosedException { Reason.By: EndedBy.Local }
                or ObjectDisposedException,
            $"{steps}: {cut.Failure}");
        return cut.WasOver;
    }, isReading: true);

    private static void CloseBehindAnyStep(string shape, Func<SweepScene, IPeerConnection> connection) => Sweep(async (scene, steps) =>
    {
        Cut cut = await scene.CutAsync(Shapes.Named(shape), steps, () => connection(scene).CloseAsync().AsTask());

        Assert.True(cut.Failure is null or ConnectionClosedException or StreamResetException, $"{steps}: {cut.Failure}");
        return cut.WasOver;
    });

    /// <summary>Cuts behind step 0, 1, 2 … until the call is over before; in order, and where chance leads.</summary>
    /// <param name="cut">Makes a call, cuts it, and tells whether it was over before.</param>
    /// <param name="isReading">
    /// Whether somebody may hold lent bytes when the stream is disposed of under them: these are left to the garbage collector.
    /// </param>
    private static void Sweep(Func<SweepScene, int, Task<bool>> cut, bool isReading = false)
    {
        for (ulong seed = 0; seed < 3; seed++)
        {
            SimulationRun run = new(seed);
            using ArrayPoolWatch arrays = ArrayPoolWatch.Start(thisThread: true);
            run.Run(async () =>
            {
                await using SweepScene scene = await SweepScene.StartAsync(run);
                int steps = 0;
                for (bool wasOver = false; !wasOver; steps++)
                {
                    Assert.InRange(steps, 0, 1000);
                    wasOver = await cut(scene, steps);
                    await Task.Delay(s_aftermath, run.Time);
                    await scene.RestoreAsync($"seed {seed}, {steps} steps");
                }

                Assert.InRange(steps, 2, 1000);
                await scene.EndAsync();
            });
            Assert.True(isReading || arrays.Count == 0, $"seed {seed}: {string.Join(Environment.NewLine, arrays.Left)}");
        }
    }
}

/// <summary>How a cut call ended.</summary>
/// <param name="Failure">What its caller was told; null: nothing.</param>
/// <param name="WasOver">Whether it was over before the cut.</param>
internal sealed record Cut(Exception? Failure, bool WasOver);

/// <summary>What an opener gives its caller to hold, and what the caller does with it.</summary>
internal sealed record Held(string Name, Func<Call, Task<IAsyncDisposable>> OpenAsync, Func<Call, IAsyncDisposable, Task> UseAsync)
{
    public static readonly IReadOnlyList<Held> All =
    [
        new("5o", static async call => await call.Client.OpenPourAsync(), static (call, held) => call.WriteAsync((MessageWriter<Parcel>)held)),
        new("5q", static async call => await call.Client.OpenSumAsync(), static (call, held) => call.WriteAsync((MessageWriter<Parcel, Parcel>)held)),
        new("7", static async call => await call.Client.OpenAgreeAsync(), static (call, held) => call.TalkAsync((Dialogue<Parcel, Parcel>)held, sends: true)),
        new("7'", static async call => await call.Client.OpenBeginAsync(call.Parcel), static (call, held) => call.TalkAsync((Dialogue<Parcel, Parcel>)held, sends: false)),
        new("8", static async call => await call.Client.OpenPipeAsync(), static (call, held) => call.ReadAsync((P2PStream)held)),
        new("8'", static async call => await call.Client.OpenHandAsync(call.Parcel), static (call, held) => call.ReadAsync((P2PStream)held)),
        new("5k", static async call => await call.Client.OpenKeepAsync(), static (call, held) => call.KeepWritingAsync((MessageWriter<Parcel>)held)),
    ];
}
