using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>A gater that blocks costs what it was asked about, and holds up nothing else.</summary>
public sealed class BlockingGaterTests : IDisposable
{
    private static readonly TimeSpan s_time = new NodeOptions().AccessTimeout;

    private readonly ManualClock _clock = new();
    private readonly ManualResetEventSlim _release = new();

    public static TheoryData<string> Steps => ["dial", "accept", "secured", "upgraded"];

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_question_without_an_answer_is_refused_and_left_behind(string step)
    {
        using LogProbe log = new();
        Blocking gater = new(step, _release);
        await using Libp2pNode listener = await StartAsync(node => (step == "accept" ? node.Gater(gater).Logging(log) : node).Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await StartAsync(node => _ = step == "accept" ? node : node.Gater(gater).Logging(log));
        using IDisposable releasing = Releasing();
        Libp2pNode asking = step == "accept" ? listener : dialer;

        Task dialling = dialer.ConnectAsync(listener.Addresses[0]).AsTask();
        await gater.Asked.Task.WaitAsync(NodePair.Patience);
        await PassAsync(asking);
        DialException failed = await Assert.ThrowsAsync<DialException>(() => dialling.WaitAsync(NodePair.Patience));

        Assert.StartsWith("The gater's answer about ", Assert.Single(asking.GetState().Abandoned).What, StringComparison.Ordinal);
        string why = step == "accept" ? Assert.Single(log.Events, logged => logged.Id == 1004).Text : failed.Message;
        Assert.Contains("did not answer", why, StringComparison.Ordinal);
        Assert.Contains("within 5 s", why, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => asking.GetState().Usage == default);
        _release.Set();
        await Eventually.HoldsAsync(() => asking.GetState().Abandoned.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Other_connections_go_on_while_a_question_is_unanswered(string step)
    {
        Blocking gater = new(step, _release);
        await using Libp2pNode listener = await StartAsync(node => (step == "accept" ? node.Gater(gater) : node).Listen("/ip4/127.0.0.1/tcp/0").Handle(BytesHandler.Echo));
        await using Libp2pNode first = await StartAsync(node => _ = step == "accept" ? node : node.Gater(gater));
        await using Libp2pNode second = step == "accept" ? await StartAsync(_ => { }) : first;
        using IDisposable releasing = Releasing();
        DialRequest request = new() { ExpectedPeer = ExpectedPeer.Exactly(listener.PeerId), Addresses = listener.Addresses, ForceNew = true };

        Task blocked = first.ConnectAsync(request).AsTask();
        await gater.Asked.Task.WaitAsync(NodePair.Patience);
        IPeerConnection other = await second.ConnectAsync(request).AsTask().WaitAsync(NodePair.Patience);

        Assert.False(blocked.IsCompleted);
        Assert.False(other.Completion.IsCompleted);
        _release.Set();
        await blocked.WaitAsync(NodePair.Patience);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_node_ends_although_a_question_is_unanswered(string step)
    {
        Blocking gater = new(step, _release);
        Libp2pNode listener = await StartAsync(node => (step == "accept" ? node.Gater(gater) : node).Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await StartAsync(node => _ = step == "accept" ? node : node.Gater(gater));
        using IDisposable releasing = Releasing();
        Libp2pNode asking = step == "accept" ? listener : dialer;
        Task dialling = dialer.ConnectAsync(listener.Addresses[0]).AsTask();
        await gater.Asked.Task.WaitAsync(NodePair.Patience);

        Task ending = asking.DisposeAsync().AsTask();
        await PassAsync(asking);
        await ending.WaitAsync(NodePair.Patience);

        Assert.Single(asking.GetState().Abandoned);
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<DialException>(() => dialling.WaitAsync(NodePair.Patience));
    }

    [Fact]
    public async Task One_address_without_an_answer_does_not_hold_up_the_others_of_its_dial()
    {
        await using Libp2pNode listener = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        Multiaddress silent = Multiaddress.Parse("/ip4/127.0.0.2/tcp/1");
        Blocking gater = new("dial", _release) { Only = silent };
        await using Libp2pNode dialer = await StartAsync(node => node.Gater(gater));
        using IDisposable releasing = Releasing();

        Task<IPeerConnection> dialling = dialer.ConnectAsync(new DialRequest
        {
            ExpectedPeer = ExpectedPeer.Exactly(listener.PeerId),
            Addresses = [silent, .. listener.Addresses],
        }).AsTask();
        await gater.Asked.Task.WaitAsync(NodePair.Patience);
        await gater.Answered.Task.WaitAsync(NodePair.Patience);
        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1)); // far from the time for an answer: the stagger is a quarter of a second
            return dialling.IsCompleted || _clock.Elapsed > s_time - TimeSpan.FromSeconds(1);
        });

        Assert.True(dialling.IsCompletedSuccessfully);
        Assert.Equal(listener.PeerId, (await dialling).RemotePeer);
    }

    // Before the nodes end: the clock stands still then.
    private Released Releasing() => new(_release);

    // Lets the time for an answer pass, and the grace after it.
    private async Task PassAsync(Libp2pNode asking) => await Eventually.HoldsAsync(() =>
    {
        _clock.Advance(s_time / 10);
        return asking.GetState().Abandoned.Count == 1;
    });

    private Task<Libp2pNode> StartAsync(Action<NodeBuilder> configure) => Libp2pNode.StartAsync(node => configure(node.Time(_clock).Options(new NodeOptions
    {
        DialTimeout = TimeSpan.FromHours(1),
        DialAttemptTimeout = TimeSpan.FromHours(1),
        InboundUpgradeTimeout = TimeSpan.FromHours(1),
        NegotiationTimeout = TimeSpan.FromHours(1),
        CloseTimeout = TimeSpan.FromHours(1),
    })));

    private sealed class Released(ManualResetEventSlim release) : IDisposable
    {
        public void Dispose() => release.Set();
    }

    // Blocks the first time that it is asked at a step, until it is released; then allows everything.
    private sealed class Blocking(string step, ManualResetEventSlim release) : IConnectionGater
    {
        private int _asked;

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Multiaddress? Only { get; init; }

        public bool AllowDial(PeerId? peer, Multiaddress address) => Answer("dial", address);

        public bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => Answer("accept", remoteAddress);

        public bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => Answer("secured", remoteAddress);

        public bool AllowUpgraded(Direction direction, UpgradedConnection connection) => Answer("upgraded", connection.RemoteAddress);

        private bool Answer(string asked, Multiaddress address)
        {
            if (asked == step && Only is { } only && address != only)
            {
                Answered.TrySetResult();
                return true;
            }

            if (asked == step && Interlocked.Increment(ref _asked) == 1)
            {
                Asked.SetResult();
                release.Wait();
            }

            return true;
        }
    }
}
