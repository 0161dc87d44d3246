using System.Globalization;
using System.Text;
using Libp2p.Limits;

namespace Libp2p.Hosting;

/// <summary>What a node was doing at one moment, for people: <see cref="ToString"/> prints it.</summary>
/// <param name="Self">The node.</param>
/// <param name="Listening">Where it listens.</param>
/// <param name="Crypto">Which library serves which primitive.</param>
/// <param name="Usage">What is taken of its ceilings.</param>
/// <param name="Limits">Its ceilings.</param>
/// <param name="Connections">Its connections.</param>
public sealed record NodeState(
    PeerId Self, IReadOnlyList<Multiaddress> Listening, string Crypto, ResourceUsage Usage, ResourceLimits Limits, IReadOnlyList<ConnectionState> Connections)
{
    internal static NodeState Of(NodeParts node, IReadOnlyList<PeerConnection> connections, IReadOnlyList<Multiaddress> listening) => new(
        node.Self, listening, node.Crypto.Description, node.Limits.Usage, node.Limits.Limits, [.. connections.Select(ConnectionState.Of)]);

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"node {Self}, listening on {(Listening.Count == 0 ? "nothing" : string.Join(", ", Listening))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  crypto: {Crypto}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  taken: {Usage}");
        foreach (ConnectionState connection in Connections)
        {
            text.Append(connection);
        }

        return text.ToString();
    }
}

/// <summary>One connection of a <see cref="NodeState"/>.</summary>
/// <param name="Id">Its number in the node.</param>
/// <param name="Peer">The remote.</param>
/// <param name="RemoteAddress">Where it is.</param>
/// <param name="Direction">Who opened it.</param>
/// <param name="Usage">What it takes of the node's ceilings.</param>
/// <param name="Serving">Inbound streams being served.</param>
/// <param name="IdleStreams">Streams kept for reuse.</param>
/// <param name="Muxer">What the muxer tells of its session and streams, a line each.</param>
public sealed record ConnectionState(
    long Id, PeerId Peer, Multiaddress RemoteAddress, Connections.Direction Direction, ResourceUsage Usage, int Serving, int IdleStreams, string Muxer)
{
    internal static ConnectionState Of(PeerConnection connection) => new(
        connection.Id,
        connection.RemotePeer,
        connection.RemoteAddress,
        connection.Direction,
        connection.Usage,
        connection.Serving,
        connection.Idle,
        connection.Muxed.ToString() ?? string.Empty);

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"  connection {Id} with {Peer} at {RemoteAddress} ({Direction}): serving {Serving}, idle {IdleStreams}");
        text.AppendLine(CultureInfo.InvariantCulture, $"    taken: {Usage}");
        foreach (string line in Muxer.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    {line}");
        }

        return text.ToString();
    }
}
