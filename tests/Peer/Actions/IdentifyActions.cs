using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Protocols.Identify;

namespace Libp2p.Peer.Actions;

/// <summary>What peers say of themselves.</summary>
internal static class IdentifyActions
{
    private static int s_pushed;

    /// <summary>Asks anew: the node itself asks once for each connection.</summary>
    public static async Task<JsonObject> IdentifyAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken);
        IdentifyMessage message = await connection.Client(IIdentify.Protocol).IdentifyAsync(cancellationToken);
        JsonObject result = new()
        {
            ["peer"] = connection.RemotePeer.ToString(),
            ["protocolVersion"] = message.ProtocolVersion,
            ["agentVersion"] = message.AgentVersion,
            ["protocols"] = JsonLines.ToNode(message.Protocols),
            ["listenAddrs"] = JsonLines.ToNode(message.ListenAddrs
                .Select(bytes => Multiaddress.TryFromBytes(bytes.Span, out Multiaddress? address) ? address.ToString() : null)
                .OfType<string>()),
            ["signedPeerRecord"] = message.HasSignedPeerRecord,
            ["publicKeyType"] = PublicKey.TryFromProtobuf(message.PublicKey.Span, out PublicKey? key) ? key.Type.ToString() : null,
        };
        if (message.HasObservedAddr && Multiaddress.TryFromBytes(message.ObservedAddr.Span, out Multiaddress? observed)) // py sends an empty one
        {
            result["observedAddr"] = observed.ToString();
        }

        return result;
    }

    /// <summary>Serves one more protocol: the node pushes when something has changed, and only then.</summary>
    public static Task<JsonObject> PushAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        string protocol = $"/pushed/{Interlocked.Increment(ref s_pushed)}";
        node.Node.Handlers.Add([RawHandler.Parse($"{protocol}=reset", node.Output)]);
        return Task.FromResult(new JsonObject { ["added"] = protocol });
    }

    /// <summary>The event: a peer described itself, asked or by a push.</summary>
    public static JsonObject Describe(PeerIdentified identified) => new()
    {
        ["peer"] = identified.Description.Peer.ToString(),
        ["protocolVersion"] = identified.Description.ProtocolVersion,
        ["agentVersion"] = identified.Description.AgentVersion,
        ["protocols"] = JsonLines.ToNode(identified.Description.Protocols.Select(id => id.Value)),
        ["listenAddrs"] = JsonLines.ToNode(identified.Description.Addresses.Select(address => address.ToString())),
        ["observedAddr"] = identified.Description.ObservedAddress?.ToString(),
        ["signedPeerRecord"] = identified.Description.Record is not null || identified.Description.RecordFault is not null,
        ["certified"] = identified.Description.Record is not null,
        ["publicKeyType"] = identified.Connection.RemoteKey.Type.ToString(),
        ["push"] = identified.IsPush,
    };
}
