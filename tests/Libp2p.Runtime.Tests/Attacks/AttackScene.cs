using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Attacks;

/// <summary>
/// A node that serves or calls one shape, and one that attacks it, in virtual time. Afterwards the victim holds what it held before, and
/// the same exchange succeeds over the same connection, which has one place for it.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="shape">What is attacked.</param>
/// <param name="attack">How.</param>
/// <param name="victimCalls">Whether the victim is the initiator.</param>
internal sealed class AttackScene(SimulationRun run, Shape shape, Attack attack, bool victimCalls)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100); // longer than any time of an operation
    private static readonly TimeSpan s_aftermath = TimeSpan.FromSeconds(150); // and than a silent attacker keeps its end

    private readonly CountingTime _time = new(run.Time);
    private readonly TaskCompletionSource<Exception?> _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<EndReason?> _seen = [];
    private TimeSpan _started;
    private bool _attacks;

    /// <summary>What the victim's handler or call failed with; null: nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How long that took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>How the attacker saw its streams end.</summary>
    public IReadOnlyList<EndReason?> Seen => _seen;

    /// <summary>Plays it in a run of its own.</summary>
    public static AttackScene Play(Shape shape, Attack attack, bool victimCalls)
    {
        SimulationRun run = new(1);
        AttackScene scene = new(run, shape, attack, victimCalls);
        run.Run(scene.PlayAsync);
        return scene;
    }

    private async Task PlayAsync()
    {
        MemoryNetwork network = new();
        await using Libp2pNode victim = await StartAsync("victim", network, "/memory/1", (stream, inner, token) => WatchAsync(stream, inner, token));
        await using Libp2pNode attacker = await StartAsync("attacker", network, "/memory/2", AnswerAsync);
        IPeerConnection connection = victimCalls ? await victim.ConnectAsync(attacker.Addresses[0]) : await attacker.ConnectAsync(victim.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Ledger ledger = new(victim) { Time = _time };
        LedgerBalance baseline = ledger.Read();

        _attacks = true;
        _started = run.Time.Elapsed;
        await (victimCalls ? CallAsync(connection) : OpenAsync(connection));
        _attacks = false;

        await Task.Delay(s_aftermath, run.Time);
        ledger.MustBeAt(baseline);
        await shape.CallAsync(new Call(connection, new Parcel(), run.Time));
        await Task.Delay(s_aftermath, run.Time);
        ledger.MustBeAt(baseline);
        Assert.Single(victim.Connections);
    }

    /// <summary>The victim calls; what it sends fills more than a window if nobody is to read it.</summary>
    private async Task CallAsync(IPeerConnection connection)
    {
        Parcel parcel = attack.Reads ? new Parcel() : new Parcel { Load = ByteString.CopyFrom(new byte[1_000_000]) };
        try
        {
            await shape.CallAsync(new Call(connection, parcel, run.Time));
        }
        catch (Exception e)
        {
            Failure = e;
        }

        Took = run.Time.Elapsed - _started;
    }

    /// <summary>The victim serves.</summary>
    private async Task OpenAsync(IPeerConnection connection)
    {
        await using P2PStream stream = await connection.OpenStreamAsync(new StreamRequest([shape.Id]), CancellationToken.None);
        await AttackAsync(stream);
        Failure = await _served.Task;
    }

    private async Task AttackAsync(P2PStream stream)
    {
        Attacker attacker = new(stream, shape, answers: victimCalls, run.Time);
        Task ending = Task.CompletedTask;
        try
        {
            await attacker.BehaveAsync();
            ending = attacker.HearEndAsync(attack.Reads);
            if (!attack.Reads && !victimCalls)
            {
                await attacker.SendAsync(attacker.OfLength(Attacker.Limit)); // whose answer is more than a window
            }

            await attack.RunAsync(attacker);
        }
        catch (Libp2pException)
        {
            // It was ended while it was sent.
        }

        await Task.WhenAny(ending, Task.Delay(s_patience, run.Time));
        _seen.Add(stream.End);
    }

    private async ValueTask AnswerAsync(P2PStream stream, StreamHandler honest, CancellationToken token)
    {
        if (_attacks)
        {
            await AttackAsync(stream);
        }
        else
        {
            await honest.HandleAsync(stream, token);
        }
    }

    private async ValueTask WatchAsync(P2PStream stream, StreamHandler inner, CancellationToken token)
    {
        try
        {
            await inner.HandleAsync(stream, token);
            Served(null);
        }
        catch (Exception e)
        {
            Served(e);
            throw;
        }
    }

    private void Served(Exception? failure)
    {
        if (_served.TrySetResult(failure)) // the exchange by the rules that follows is none of our business
        {
            Took = run.Time.Elapsed - _started;
        }
    }

    private Task<Libp2pNode> StartAsync(
        string name, MemoryNetwork network, string address, Func<P2PStream, StreamHandler, CancellationToken, ValueTask> serve) =>
        SimulatedNodesTests.StartAsync(run, name, network, node =>
        {
            Parcels parcels = new();
            node.Listen(address).Options(new NodeOptions { LazyNegotiation = name == "victim" }); // an attacker's silence is to reach its handler
            foreach (StreamHandler handler in (StreamHandler[])
                [
                    .. IParcels.Protocol.CreateHandlers(parcels), .. IKinds.Protocol.CreateHandlers(parcels),
                    .. IWrapped.Protocol.CreateHandlers(parcels), .. IRepeated.Protocol.CreateHandlers(parcels),
                ])
            {
                node.Handle(new Watched(handler, serve));
            }

            if (name == "victim")
            {
                node.Time(_time);
            }
        });

    /// <summary>A handler behind a function that sees each of its streams.</summary>
    private sealed class Watched(StreamHandler inner, Func<P2PStream, StreamHandler, CancellationToken, ValueTask> serve) : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids => inner.Ids;

        public override OperationLimits Limits => inner.Limits;

        public override ConnectionRequirement Connection => inner.Connection;

        public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => serve(stream, inner, cancellationToken);
    }
}
