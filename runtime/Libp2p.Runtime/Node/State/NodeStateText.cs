using System.Globalization;
using System.Text;
using Libp2p.Limits;

namespace Libp2p.Node.State;

/// <summary>Prints a node's state for people: a line for each thing, what waits said in words.</summary>
internal static class NodeStateText
{
    public static string Print(NodeState state)
    {
        StringBuilder text = new();
        Line(text, 0, $"node {state.Self} at {state.Taken:O}, listening on {List(state.Listening, "nothing")}");
        Line(text, 1, $"serves {List(state.Protocols, "nothing")}; services: {List(state.Services, "none")}; crypto: {state.Crypto}");
        Line(text, 1, $"connections: {state.Usage.InboundConnections} in and {state.Usage.OutboundConnections} out of {state.Limits.Connections}"
            + $"; streams: {state.Usage.InboundStreams} in and {state.Usage.OutboundStreams} out of {state.Limits.Streams}"
            + $"; memory: {state.Usage.Memory} of {state.Limits.Memory} bytes");
        Line(text, 1, $"dial attempts: {state.DialAttempts.Running} of {state.DialAttempts.Limit}, {state.DialAttempts.Waiting} waiting");
        foreach (UnavailableAddressState address in state.Unavailable)
        {
            Line(text, 1, $"does not listen on {address.Address}: {address.Reason}");
        }

        foreach (ScopeState scope in state.Scopes.Where(scope => scope.Usage != default))
        {
            ResourceUsage usage = scope.Usage;
            Line(text, 1, $"scope {Word(scope.Kind)} {scope.Name}: connections {usage.InboundConnections} in and {usage.OutboundConnections} out, "
                + $"streams {usage.InboundStreams} in and {usage.OutboundStreams} out, memory {usage.Memory}");
        }

        foreach (string kept in state.Kept)
        {
            Line(text, 1, $"keeps {kept}");
        }

        foreach (DialState dial in state.Dials)
        {
            Line(text, 1, $"dialling {dial.Peer}, {dial.Waiting} waiting");
            foreach (DialAddressState address in dial.Addresses)
            {
                Line(text, 2, $"{address.Address}: {(address.Failure is null ? "in" : "failed in")} {address.Stage}{(address.Failure is null ? string.Empty : ": " + address.Failure)}");
            }
        }

        foreach (PendingConnectionState pending in state.Pending)
        {
            string peer = pending.Peer is null ? "anyone" : pending.Peer.ToString();
            Line(text, 1, $"pending {Word(pending.Direction)} connection with {peer} at {pending.RemoteAddress}: in {pending.Stage} for {Seconds(pending.Age)}");
        }

        foreach (ConnectionState connection in state.Connections)
        {
            Print(text, connection, state.Limits);
        }

        foreach (OutboundGateState gate in state.Gates)
        {
            Line(text, 1, $"gate of {gate.Protocol}{(gate.Operation is null ? string.Empty : " " + gate.Operation)} towards {gate.Peer}: {gate.Open} of {gate.Limit} open, {gate.Waiting} waiting");
        }

        foreach (InboundGateState gate in state.InboundGates)
        {
            Line(text, 1, $"gate of {gate.Protocol?.Value ?? "a predicate"} for {gate.Peer}: {gate.Open} of {gate.Limit} open, {gate.Waiting} waiting");
        }

        foreach (AbandonedWorkState work in state.Abandoned)
        {
            Line(text, 1, $"left behind for {Seconds(work.Age)}: {work.What}");
        }

        foreach (UnknownMessagesState unknown in state.UnknownMessages)
        {
            Line(text, 1, $"unknown messages on {unknown.Protocol?.Value ?? "a predicate"}: {unknown.Count}");
        }

        foreach (SubscriptionState subscription in state.Subscriptions)
        {
            Line(text, 1, $"subscription to {subscription.Event}: {subscription.Waiting} of {subscription.Capacity} waiting, {subscription.Missed} missed");
        }

        return text.ToString();
    }

    private static void Print(StringBuilder text, ConnectionState connection, ResourceLimits limits)
    {
        string route = connection.IsRelayed ? "relayed, " : string.Empty;
        string roundTrip = connection.RoundTrip is { } time ? $", round trip {time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture)} ms" : string.Empty;
        Line(text, 1, $"connection {connection.Id} with {connection.Peer}: {Word(connection.Direction)}, {Seconds(connection.Age)} old, {route}"
            + $"{connection.LocalAddress} to {connection.RemoteAddress}, {connection.Security}, {connection.Muxer}");
        Line(text, 2, $"sent {connection.Sent}, received {connection.Received} bytes{roundTrip}; memory {connection.Usage.Memory} of {limits.MemoryPerConnection}; "
            + $"streams {connection.Usage.InboundStreams} in of {limits.InboundStreamsPerConnection} and {connection.Usage.OutboundStreams} out, serving {connection.Serving}, "
            + $"{connection.WaitingToOpen} waiting to be opened, {connection.WaitingToBeAccepted} to be accepted");
        if (connection.Ending is { } ending)
        {
            Line(text, 2, $"ending: {ending}");
        }

        foreach (StreamState stream in connection.Streams)
        {
            Print(text, stream);
        }
    }

    private static void Print(StringBuilder text, StreamState stream)
    {
        string closed = (stream.IsWriteClosed, stream.IsRemoteWriteClosed) switch
        {
            (true, true) => ", closed by both",
            (true, false) => ", closed by us",
            (false, true) => ", closed by the remote",
            _ => string.Empty,
        };
        string age = stream.Age is { } since ? $", {Seconds(since)} old" : string.Empty;
        Line(text, 2, $"stream {stream.Id?.ToString(CultureInfo.InvariantCulture) ?? "?"} {stream.Protocol?.Value ?? "without protocol"}: "
            + $"{Word(stream.Direction)}, {Word(stream.Phase)}{age}{closed}; sent {stream.Sent}, received {stream.Received}, "
            + $"{stream.Queued} to send into a window of {stream.SendWindow}, {stream.Buffered} unread, may receive {stream.ReceiveWindow}");
        foreach (StreamWait wait in stream.WaitsFor)
        {
            Line(text, 3, "waits for " + wait switch
            {
                StreamWait.Opening => "the muxer to open it",
                StreamWait.Negotiation => "the remote, to agree on a protocol",
                StreamWait.AccessPolicy => "the access policy to admit it",
                StreamWait.Place => "a place among the peer's streams of the operation",
                StreamWait.RemoteBytes => "the remote to send",
                StreamWait.RemoteWindow => "the remote to read",
                StreamWait.Connection => "the connection to send",
                _ => "our own code to read",
            });
        }
    }

    private static void Line(StringBuilder text, int depth, string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private static string List<T>(IReadOnlyList<T> items, string none) => items.Count == 0 ? none : string.Join(", ", items);
}
