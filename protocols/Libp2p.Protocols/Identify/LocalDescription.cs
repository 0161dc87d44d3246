using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Negotiation;
using Libp2p.Services;
using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// What we say of ourselves: made anew when addresses or protocols have changed, and signed once for all who ask from equally near, since
/// only who is near is told our loopback and private addresses (<see cref="Vicinity"/>). It always fits one frame of 4 KiB, which is all
/// that rust reads; <see cref="DescriptionFit"/> says what is left out where it does not.
/// </summary>
internal sealed class LocalDescription(NodeContext node, IdentifyOptions options, ILogger log)
{
    /// <summary>Bytes of the longest message, and what of it is left to the receiver's own address.</summary>
    private const int MaxLength = 4 * Size.KiB, ObservedRoom = 256;

    private const int RecordOverhead = 128; // of an envelope and a record, beside key, signature and addresses

    private readonly PeerRecordSequence _sequence = new(node.Seams.Time);
    private readonly Lock _lock = new();
    private readonly Version?[] _current = new Version?[Enum.GetValues<Vicinity>().Length];
    private bool _isLogged; // that something is left out

    /// <summary>What the latest description leaves out.</summary>
    public IdentifyOmissions Omitted { get; private set; } = IdentifyOmissions.None;

    /// <summary>What to say on a connection.</summary>
    public async ValueTask<IdentifyMessage> GetAsync(IPeerConnection? connection, CancellationToken cancellationToken)
    {
        IdentifyMessage message = (await GetAsync(Vicinities.Of(connection), cancellationToken)).Clone();
        if (connection is { IsRelayed: false, RemoteAddress.Bytes.Length: > 0 and < ObservedRoom - 8 })
        {
            message.ObservedAddr = ByteString.CopyFrom(connection.RemoteAddress.Bytes);
        }

        return message;
    }

    private async ValueTask<IdentifyMessage> GetAsync(Vicinity vicinity, CancellationToken cancellationToken)
    {
        IReadOnlyList<Multiaddress> addresses = [.. node.Addresses.Announced.Where(address => !address.IsEmpty && vicinity.Admits(address))];
        IReadOnlyList<ProtocolId> protocols = [.. node.Handlers.Protocols, EarlyEnd.Id];
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
        int? record = options.SignRecord ? RecordOverhead + key.ToProtobuf().Length + MaxSignatureLength(key) : null;
        DescriptionFit fit = DescriptionFit.Choose(room, record, protocols, addresses);
        Report(fit);
        message.Protocols.AddRange(fit.Protocols.Select(static id => id.Value));
        message.ListenAddrs.AddRange(fit.Addresses.Select(static address => ByteString.CopyFrom(address.Bytes)));
        if (fit.Signs)
        {
            SignedEnvelope envelope = await new PeerRecord(key.PeerId, _sequence.Next(), fit.Addresses).SealAsync(node.Identity, cancellationToken);
            message.SignedPeerRecord = UnsafeByteOperations.UnsafeWrap(envelope.ToBytes());
        }

        return message;
    }

    /// <summary>Logs once that something is left out, and again when that has been over in between.</summary>
    private void Report(DescriptionFit fit)
    {
        IdentifyOmissions omitted = new(fit.OmittedProtocols, fit.OmittedAddresses);
        bool isNews;
        lock (_lock)
        {
            Omitted = omitted;
            isNews = !omitted.IsNothing && !_isLogged;
            _isLogged = !omitted.IsNothing;
        }

        if (isNews)
        {
            IdentifyLog.LeftOut(
                log, MaxLength, fit.OmittedProtocols.Count, fit.Protocols.Count + fit.OmittedProtocols.Count, fit.OmittedAddresses,
                fit.OmittedProtocols.Count > 0 ? fit.OmittedProtocols[0].Value : "none");
        }
    }

    // An RSA signature has the length of the modulus, which the key's encoding contains.
    private static int MaxSignatureLength(PublicKey key) =>
        key.Type == KeyType.Rsa ? Math.Min(key.Data.Length, SignedEnvelope.MaxSignatureLength) : key.Type == KeyType.Ecdsa ? 144 : 80;

    private sealed record Version(IReadOnlyList<Multiaddress> Addresses, IReadOnlyList<ProtocolId> Protocols, IdentifyMessage Message);
}
