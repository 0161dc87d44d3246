using System.Text.Json.Nodes;

namespace Libp2p.Peer.Actions;

/// <summary>What the peer does when it is asked to.</summary>
internal delegate Task<JsonObject> PeerAction(PeerNode node, Arguments arguments, CancellationToken cancellationToken);

/// <summary>What the peer can be asked to do, from <c>--do</c> or from stdin. A result is an object with <c>ok</c>.</summary>
internal static class PeerActions
{
    private static readonly Dictionary<string, PeerAction> s_actions = new()
    {
        ["dial"] = ConnectionActions.DialAsync,
        ["hangup"] = ConnectionActions.HangUpAsync,
        ["connections"] = ConnectionActions.ListAsync,
        ["addrs"] = NodeActions.AddressesAsync,
        ["protocols"] = NodeActions.ProtocolsAsync,
        ["state"] = NodeActions.StateAsync,
        ["mem"] = NodeActions.MemoryAsync,
        ["sleep"] = NodeActions.SleepAsync,
        ["identify"] = IdentifyActions.IdentifyAsync,
        ["identify-push"] = IdentifyActions.PushAsync,
        ["ping"] = StreamActions.PingAsync,
        ["echo"] = StreamActions.EchoAsync,
        ["stream"] = StreamActions.StreamAsync,
        ["perf"] = PerfActions.PerfAsync,
        ["bench-rr"] = BenchActions.RequestsAsync,
        ["bench-ping"] = BenchActions.PingsAsync,
        ["bench-handshake"] = BenchActions.HandshakesAsync,
        ["bench-idle"] = BenchActions.IdleAsync,
    };

    /// <summary>Actions that take as long as they are told to.</summary>
    private static readonly HashSet<string> s_unhurried = ["sleep", "perf", "bench-rr", "bench-ping", "bench-handshake", "bench-idle"];

    public static void EnsureKnown(string action)
    {
        if (!s_actions.ContainsKey(action))
        {
            throw new UnsupportedException(action);
        }
    }

    public static async Task<JsonObject> PerformAsync(PeerNode node, string action, JsonObject fields)
    {
        using CancellationTokenSource patience = new();
        try
        {
            EnsureKnown(action);
            Arguments arguments = new(fields);
            if (!s_unhurried.Contains(action))
            {
                patience.CancelAfter(arguments.Patience);
            }

            JsonObject result = await s_actions[action](node, arguments, patience.Token);
            result.Insert(0, "ok", true);
            return result;
        }
        catch (UnsupportedException e)
        {
            return new JsonObject { ["ok"] = false, ["error"] = e.Message, ["unsupported"] = e.What };
        }
        catch (Exception e) // whatever went wrong is the answer
        {
            return new JsonObject { ["ok"] = false, ["error"] = patience.IsCancellationRequested ? $"timed out: {e.Message}" : e.Message, ["name"] = e.GetType().Name };
        }
    }
}
