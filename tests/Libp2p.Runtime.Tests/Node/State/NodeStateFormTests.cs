using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.State;
using Libp2p.TestKit;

namespace Libp2p.Tests.Host.State;

/// <summary>The forms of the state are those that docs/node-state.md shows.</summary>
public sealed class NodeStateFormTests
{
    private static readonly PeerId s_self = PeerId.Parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp");
    private static readonly PeerId s_peer = PeerId.Parse("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5");

    private static readonly NodeState s_state = new()
    {
        Self = s_self,
        Taken = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero),
        Listening = [Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001")],
        Unavailable = [new UnavailableAddressState(Multiaddress.Parse("/ip6/::/tcp/4001"), "the machine has no IPv6")],
        Protocols = ["/chat/1.0.0/send"],
        Services = ["identify"],
        Crypto = "portable",
        Usage = new ResourceUsage(131072, 0, 2, 0, 1),
        Limits = new ResourceLimits { Connections = 1024 },
        Dials = [new DialState(s_peer, 2, [new DialAddressState(Multiaddress.Parse("/ip4/192.0.2.3/tcp/4001"), DialStage.Security, null)])],
        DialAttempts = new DialAttemptsState(64, 1, 0),
        Kept = ["12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5: connected"],
        Pending = [new PendingConnectionState(Direction.Outbound, Multiaddress.Parse("/ip4/192.0.2.3/tcp/4001"), s_peer, DialStage.Security, TimeSpan.FromSeconds(4))],
        Connections =
        [
            new ConnectionState
            {
                Id = 7,
                Peer = s_peer,
                Direction = Direction.Outbound,
                Age = TimeSpan.FromMinutes(1),
                LocalAddress = Multiaddress.Parse("/ip4/192.0.2.1/tcp/50000"),
                RemoteAddress = Multiaddress.Parse("/ip4/192.0.2.2/tcp/4001"),
                IsRelayed = false,
                Security = "/noise",
                Muxer = "/yamux/1.0.0",
                Sent = 300000,
                Received = 1200,
                RoundTrip = TimeSpan.FromMilliseconds(12.5),
                Usage = new ResourceUsage(131072, 0, 1, 0, 1),
                Serving = 0,
                WaitingToOpen = 0,
                WaitingToBeAccepted = 0,
                Ending = null,
                Streams =
                [
                    new StreamState
                    {
                        Id = 3,
                        Direction = Direction.Outbound,
                        Protocol = "/chat/1.0.0/send",
                        Phase = StreamPhase.Open,
                        Age = TimeSpan.FromSeconds(30),
                        Sent = 262144,
                        Received = 0,
                        SendWindow = 0,
                        ReceiveWindow = 262144,
                        Queued = 65536,
                        Buffered = 0,
                        IsWriteClosed = false,
                        IsRemoteWriteClosed = false,
                        WaitsFor = [StreamWait.RemoteBytes, StreamWait.RemoteWindow],
                    },
                ],
            },
        ],
        Scopes = [new ScopeState(ResourceScopeKind.Protocol, "/chat/1.0.0/send", new ResourceUsage(65536, 0, 0, 0, 1))],
        Gates = [new OutboundGateState(s_peer, "/chat/1.0.0/send", null, 8, 1, 0)],
        InboundGates = [new InboundGateState(s_peer, "/chat/1.0.0/room", 2, 2, 1)],
        Abandoned = [new AbandonedWorkState("The look-up of /dns4/slow.example/tcp/4001", TimeSpan.FromSeconds(3))],
        UnknownMessages = [new UnknownMessagesState("/ipfs/kad/1.0.0", 3)],
        Subscriptions = [new SubscriptionState("ConnectionOpened", 0, 256, 0)],
    };

    [Fact]
    public void The_json_is_the_documented_one() => Assert.Equal(Fenced("json"), s_state.ToJson().ReplaceLineEndings("\n") + "\n");

    [Fact]
    public void The_text_is_the_documented_one() => Assert.Equal(Fenced("text"), s_state.ToString());

    private static string Fenced(string language)
    {
        string page = Repository.Read("docs/node-state.md").ReplaceLineEndings("\n");
        string opening = $"```{language}\n";
        int start = page.IndexOf(opening, StringComparison.Ordinal) + opening.Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
