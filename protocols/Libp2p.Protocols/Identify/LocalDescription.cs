using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Services;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// What we say of ourselves: made anew when addresses or protocols have changed, and signed once for all who ask from equally near, since
/// only who is near is told our loopback and private addresses (<see cref="Vicinity"/>). It always fits one frame of 4 KiB, which is all
/// that rust reads: addresses that do not fit are left out from the end, then protocols.
/// </summary>
internal sealed class LocalDescription(NodeContext node, IdentifyOptions options)
{
    /// <summary>Bytes of the longest message, and what of it is left to the receiver's own address.</summary>
    private const int MaxLength = 4 * Size.KiB, ObservedRoom = 256;

    private const int RecordOverhead = 128; // of an envelope and a record, beside key, signature and addresses
    private const int MaxElements = 1024; // addresses, and protocols: what go keeps

    private readonly PeerRecordSequence _sequence = new(node.Seams.Time);
    private readonly Lock _lock = new();
    private readonly Version?[] _current = new Version?[Enum.GetValues<Vicinity>().Length];

    /// <summary>What to say on a connection.</summary>
    public async ValueTask<IdentifyMessage> GetAsync(IPeerConnection? connection, CancellationToken cancellationToken)
    {
        IdentifyMessage message = (await GetAsync(Vicinities.Of(connection), cancellationToken)).Clone();
        if (connection is { IsRelayed: false, RemoteAddress.Bytes.Length: < ObservedRoom - 8 })
        {
            message.ObservedAddr = ByteString.CopyFrom(connection.RemoteAddress.Bytes);
        }

        return message;
    }

    private async ValueTask<IdentifyMessage> GetAsync(Vicinity vicinity, CancellationToken cancellationToken)
    {
        IReadOnlyList<Multiaddress> addresses = [.. node.Addresses.Announced.Where(address => vicinity.Admits(address))];
        IReadOnlyList<ProtocolId> protocols = node.Handlers.Protocols;
        lock (_lock)
        {
            if (_current[(int)vicinity] is { } current && current.Addresses.SequenceEqual(addresses) && current.Protocols.SequenceEqual(protocols))
            {
                return current.Message;
            }
        }

        IdentifyMessage message = await MakeAsync(addresses, protocols, cancellationToken);
        lock (_lock)
        {
            _current[(int)vicinity] = new Version(addresses, protocols, message);
        }

        return message;
    }

    private async ValueTask<IdentifyMessage> MakeAsync(
        IReadOnlyList<Multiaddress> addresses, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken)
    {
        PublicKey key = node.Identity.PublicKey;
        IdentifyMessage message = new()
        {
            PublicKey = UnsafeByteOperations.UnsafeWrap(key.ToProtobuf()),
            ProtocolVersion = options.ProtocolVersion,
            AgentVersion = options.AgentVersion,
        };
        int room = MaxLength - ObservedRoom - message.CalculateSize();
        foreach (ProtocolId protocol in protocols.Take(MaxElements))
        {
            int cost = Cost(protocol.Utf8.Length);
            if (cost > room)
            {
                break;
            }

            room -= cost;
            message.Protocols.Add(protocol.Value);
        }

        int record = RecordOverhead + key.ToProtobuf().Length + MaxSignatureLength(key);
        bool signs = options.SignRecord && room > record + (addresses.Count > 0 ? 64 : 0);
        room -= signs ? record : 0;
        List<Multiaddress> told = [];
        foreach (Multiaddress address in addresses.Where(address => !address.IsEmpty).Take(MaxElements))
        {
            int cost = Cost(address.Bytes.Length) + (signs ? Cost(Cost(address.Bytes.Length)) : 0);
            if (cost > room)
            {
                break;
            }

            room -= cost;
            told.Add(address);
        }

        message.ListenAddrs.AddRange(told.Select(address => ByteString.CopyFrom(address.Bytes)));
        if (signs)
        {
            SignedEnvelope envelope = await new PeerRecord(key.PeerId, _sequence.Next(), told).SealAsync(node.Identity, cancellationToken);
            message.SignedPeerRecord = UnsafeByteOperations.UnsafeWrap(envelope.ToBytes());
        }

        return message;
    }

    // A tag, a length and the bytes.
    private static int Cost(int length) => 1 + (length < 0x80 ? 1 : 2) + length;

    private static int MaxSignatureLength(PublicKey key) => key.Type == KeyType.Rsa ? SignedEnvelope.MaxSignatureLength : 80;

    private sealed record Version(IReadOnlyList<Multiaddress> Addresses, IReadOnlyList<ProtocolId> Protocols, IdentifyMessage Message);
}
