using Libp2p.Connections;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Scheduling;
using Libp2p.Tests.Host;

namespace Libp2p.Tests.Faults;

/// <summary>
/// The faults of <see cref="FaultSweepTests"/> over real sockets: a network that splits, truncates, resets, falsifies or swallows what
/// either end sends, before authentication and after it. Time is the test's, so that no deadline is waited for.
/// </summary>
[Collection(nameof(Alone))]
public sealed class TcpFaultTests
{
    private const int Cuts = 12;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(200); // a silent connection is given up, and its close

    public static TheoryData<FaultKind, bool> Faults() => FaultSweepTests.Faults();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_network_that_fails_anywhere_costs_the_connection_and_nothing_else(FaultKind kind, bool failsDialer)
    {
        await using Scene scene = await Scene.StartAsync();
        long length = await scene.MeasureAsync(failsDialer);
        for (int i = 0; i < Cuts; i++)
        {
            await scene.PlayAsync(new Fault(kind, i * length / Cuts), failsDialer);
        }

        await scene.TalkAsync(scene.Listener.Addresses[0]); // and whoever comes directly is served
    }

    [Fact]
    public async Task Bytes_that_travel_alone_arrive_as_one_conversation()
    {
        await using Scene scene = await Scene.StartAsync();
        await using TcpProxy proxy = new(scene.Port, fragments: true);

        await scene.TalkAsync(scene.AddressOf(proxy));

        Assert.InRange(proxy.Passed(fromDialer: true), 300, 10_000);
    }

    /// <summary>Two nodes on loopback, a clock of the test's, and what they hold.</summary>
    private sealed class Scene(Libp2pNode listener, Libp2pNode dialer, ManualClock clock, CountingTime time) : IAsyncDisposable
    {
        private readonly Ledger _ledger = new(listener, dialer) { Time = time, Files = true };

        public Libp2pNode Listener => listener;

        public int Port { get; } = int.Parse(listener.Addresses[0].ToString().Split('/')[4], System.Globalization.CultureInfo.InvariantCulture);

        public static async Task<Scene> StartAsync()
        {
            ManualClock clock = new();
            CountingTime time = new(clock);
            Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Time(time).Listen("/ip4/127.0.0.1/tcp/0").Handle(ISay.Protocol, new Said()));
            Libp2pNode dialer = await Libp2pNode.StartAsync(node => node.Time(time));
            return new Scene(listener, dialer, clock, time);
        }

        public Multiaddress AddressOf(TcpProxy proxy) => Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{proxy.Port}/p2p/{listener.PeerId}");

        /// <summary>Connect, call, close.</summary>
        public async Task TalkAsync(Multiaddress address)
        {
            IPeerConnection connection = await dialer.ConnectAsync(address);
            Assert.Equal("hello, /say/1.1.0/say", await connection.Client(ISay.Protocol).SayAsync("hello"));
            await connection.CloseAsync();
        }

        /// <summary>How many bytes one end sends when all goes well. Whatever a process makes once is made after it.</summary>
        public async Task<long> MeasureAsync(bool fromDialer)
        {
            await using TcpProxy proxy = new(Port);
            await TalkAsync(AddressOf(proxy));
            return proxy.Passed(fromDialer);
        }

        public async Task PlayAsync(Fault fault, bool failsDialer)
        {
            await Eventually.HoldsAsync(() => listener.Connections.Count + dialer.Connections.Count == 0);
            LedgerBalance baseline = _ledger.Read();
            TimeSpan started = TimeSpan.FromTicks(clock.GetTimestamp());
            TcpProxy proxy = new(Port, fault, failsDialer);
            Task<Exception?> talking = FailureAsync(AddressOf(proxy));
            int turns = 0;
            await Eventually.HoldsAsync(() =>
            {
                if (proxy.HasFailed && (fault.Kind == FaultKind.Silence || ++turns > 300)) // by itself it ends long before
                {
                    clock.Advance(s_second);
                }

                return talking.IsCompleted;
            });

            AssertTyped(await talking, $"{fault}");
            bool wasSpared = proxy.Passed(failsDialer) <= fault.At; // how the last bytes are spread over frames is the scheduler's
            Assert.True(proxy.HasFailed || wasSpared || fault.Kind == FaultKind.End, $"{fault}");
            await Eventually.HoldsAsync(() => // the other end learns of it when its own patience is over
            {
                clock.Advance(s_second);
                return listener.Connections.Count + dialer.Connections.Count + listener.GetState().Pending.Count == 0;
            });
            Assert.InRange(TimeSpan.FromTicks(clock.GetTimestamp()) - started, TimeSpan.Zero, s_longest);
            await proxy.DisposeAsync();
            await _ledger.ReturnsToAsync(baseline);
        }

        public async ValueTask DisposeAsync()
        {
            await dialer.DisposeAsync();
            await listener.DisposeAsync();
            Assert.Equal(0, time.Timers);
        }

        private static void AssertTyped(Exception? failure, string when)
        {
            Assert.True(failure is null or Libp2pException, $"{when}: {failure}");
            foreach (DialAttempt attempt in (failure as DialException)?.Attempts ?? [])
            {
                bool isTyped = attempt.Reached == DialStage.Transport ? attempt.Cause is IOException : attempt.Cause is Libp2pException;
                Assert.True(isTyped && attempt.Reached is >= DialStage.Transport and <= DialStage.Muxer, $"{when}: {attempt.Reached}, {attempt.Cause}");
            }
        }

        private async Task<Exception?> FailureAsync(Multiaddress address)
        {
            try
            {
                await TalkAsync(address);
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        }
    }
}
