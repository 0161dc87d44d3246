using System.Globalization;
using System.Text;
using Google.Protobuf;
using Libp2p.Multiformats;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// Checks what a peer says of itself. A wrong key is a lie and refuses the whole; an address, an id or a record that cannot be read
/// costs only itself, since networks know more than we do. Thread-safe.
/// </summary>
/// <param name="verifier">Checks records.</param>
internal sealed class DescriptionReader(ISignatureVerifier verifier)
{
    /// <summary>Protocols kept of one peer, as in go.</summary>
    public const int MaxProtocols = 1024;

    /// <summary>Addresses kept of one peer, as in go.</summary>
    public const int MaxAddresses = 500;

    private const int MaxVersionLength = 128; // code points

    private readonly RecentDescriptions _recent = new();

    /// <summary>Reads a message from the owner of a key.</summary>
    /// <param name="message">What it says.</param>
    /// <param name="remote">The key.</param>
    /// <param name="vicinity">How near it is: addresses that mean something else to us are left out, certified ones too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProtocolViolationException">It carries somebody else's key.</exception>
    public async ValueTask<PeerDescription> ReadAsync(
        IdentifyMessage message, PublicKey remote, Vicinity vicinity, CancellationToken cancellationToken)
    {
        PeerId peer = remote.PeerId;
        if (message.HasPublicKey && message.PublicKey.Length > 0 && !message.PublicKey.Span.SequenceEqual(remote.ToProtobuf().Span))
        {
            CheckKey(message.PublicKey.Span, peer);
        }

        (SignedEnvelope? envelope, PeerRecord? record, string? fault) = message.HasSignedPeerRecord
            ? await ReadRecordAsync(message.SignedPeerRecord.Memory, peer, cancellationToken)
            : (null, null, null);
        PeerProgram program = _recent.Program(Clean(message.ProtocolVersion), Clean(message.AgentVersion), Keep(message.Protocols));
        return new PeerDescription
        {
            Peer = peer,
            Addresses = Keep(record?.Addresses ?? Parse(message.ListenAddrs), peer, vicinity),
            Record = envelope,
            RecordSequence = record?.Sequence,
            RecordFault = fault,
            Protocols = program.Protocols,
            ObservedAddress = message.HasObservedAddr && Multiaddress.TryFromBytes(message.ObservedAddr.Span, out Multiaddress? observed)
                ? Clean(observed)
                : null,
            ProtocolVersion = program.ProtocolVersion,
            AgentVersion = program.AgentVersion,
        };
    }

    private static void CheckKey(ReadOnlySpan<byte> bytes, PeerId peer)
    {
        // The same key may be written in more than one way.
        if (!PublicKey.TryFromProtobuf(bytes, out PublicKey? key, out MultiformatError error))
        {
            throw new ProtocolViolationException($"identify: the key of {peer} cannot be read: {error}");
        }

        if (key.PeerId != peer)
        {
            throw new ProtocolViolationException($"identify: {peer} sent the key of {key.PeerId}");
        }
    }

    private async ValueTask<(SignedEnvelope? Envelope, PeerRecord? Record, string? Fault)> ReadRecordAsync(
        ReadOnlyMemory<byte> bytes, PeerId peer, CancellationToken cancellationToken)
    {
        if (_recent.Record(bytes.Span) is { } known && known.Envelope.PublicKey.PeerId == peer)
        {
            return (known.Envelope, known.Record, null);
        }

        if (!SignedEnvelope.TryParse(bytes.Span, out SignedEnvelope? envelope, out MultiformatError error))
        {
            return (null, null, error.ToString());
        }

        if (envelope.PublicKey.PeerId != peer)
        {
            return (null, null, "the record is signed by another peer");
        }

        PeerRecord? record = await PeerRecord.TryOpenAsync(envelope, verifier, acceptLegacy: true, cancellationToken);
        if (record is null)
        {
            return (null, null, "the record is malformed, or its signature is wrong");
        }

        _recent.Add(new CheckedRecord(bytes.ToArray(), envelope, record));
        return (envelope, record, null);
    }

    private static IEnumerable<Multiaddress> Parse(IEnumerable<ByteString> addresses)
    {
        foreach (ByteString bytes in addresses)
        {
            if (Multiaddress.TryFromBytes(bytes.Span, out Multiaddress? address))
            {
                yield return address;
            }
        }
    }

    private static Multiaddress[] Keep(IEnumerable<Multiaddress> addresses, PeerId peer, Vicinity vicinity) =>
        [.. addresses.Where(address => address.Peer is not { } named || named == peer)
            .Select(address => address.WithoutPeer())
            .Where(address => !address.IsEmpty && vicinity.Admits(address))
            .Distinct()
            .Take(MaxAddresses)];

    private static string[] Keep(IEnumerable<string> protocols) =>
        [.. protocols.Where(id => IsNegotiable(id)).Distinct(StringComparer.Ordinal).Take(MaxProtocols)];

    // U+FFFD stands for bytes that were no text: what the peer serves has another id, and this one would never be agreed.
    private static bool IsNegotiable(string id) =>
        id.Length > 0 && Encoding.UTF8.GetByteCount(id) <= ProtocolId.MaxLength
        && !id.AsSpan().ContainsAny('\n', (char)Rune.ReplacementChar.Value);

    // js adds /p2p with our id, and rust sees nothing but an id through a relay.
    private static Multiaddress? Clean(Multiaddress observed) => observed.WithoutPeer() is { IsEmpty: false } address ? address : null;

    // It goes into logs and onto screens.
    private static string Clean(string text)
    {
        StringBuilder clean = new();
        foreach (Rune rune in text.EnumerateRunes().Take(MaxVersionLength))
        {
            clean.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
                ? Rune.ReplacementChar
                : rune);
        }

        return clean.ToString();
    }
}
