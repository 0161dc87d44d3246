using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.Scheduling;

namespace Libp2p.Security.Noise;

/// <summary>
/// One handshake over a link: moves the three messages, and lets nothing count before the remote is who it must be. Used once.
/// </summary>
internal sealed class NoiseHandshake : IDisposable
{
    private const int MaxMessage = HandshakeState.MaxOverhead + NoisePayload.MaxSize;

    private readonly IByteLink _link;
    private readonly SecurityRequest _request;
    private readonly ISignatureVerifier _verifier;
    private readonly HandshakeState _state;
    private string _step = "The Noise handshake";

    public NoiseHandshake(
        IByteLink link, SecurityRequest request, CryptoEngine engine, ISignatureVerifier verifier, IRandomSource random)
    {
        _link = link;
        _request = request;
        _verifier = verifier;

        Span<byte> keys = stackalloc byte[2 * HandshakeState.KeySize];
        random.Fill(keys);
        _state = new HandshakeState(
            engine, request.Role, request.Prologue.Span, keys[..HandshakeState.KeySize], keys[HandshakeState.KeySize..]);
        CryptographicOperations.ZeroMemory(keys);
    }

    /// <summary>Runs it. The link belongs to the result, or, after an exception, still to the caller.</summary>
    public async ValueTask<SecuredLink> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            SecurityResult result = _request.Role == ConnectionRole.Initiator
                ? await InitiateAsync(cancellationToken)
                : await RespondAsync(cancellationToken);

            (CipherState send, CipherState receive) = _state.Split();
            return new SecuredLink(new NoiseLink(_link, send, receive), result);
        }
        catch (Exception failure) when (failure is not (HandshakeException or OperationCanceledException))
        {
            throw new HandshakeException($"{_step} failed: {failure.Message}", Blame(failure), failure);
        }
    }

    public void Dispose() => _state.Dispose();

    private async ValueTask<SecurityResult> InitiateAsync(CancellationToken cancellationToken)
    {
        await SendAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
        byte[] payload = await MakePayloadAsync(cancellationToken); // while the first message travels
        SecurityResult result = await VerifyAsync(await ReceiveAsync(cancellationToken), cancellationToken);
        await SendAsync(payload, cancellationToken);
        return result;
    }

    private async ValueTask<SecurityResult> RespondAsync(CancellationToken cancellationToken)
    {
        if (!(await ReceiveAsync(cancellationToken)).IsEmpty)
        {
            throw new HandshakeException("Noise message 1 has a payload, which nothing protects", EndedBy.Violation);
        }

        await SendAsync(await MakePayloadAsync(cancellationToken), cancellationToken);
        return await VerifyAsync(await ReceiveAsync(cancellationToken), cancellationToken);
    }

    private async ValueTask<byte[]> MakePayloadAsync(CancellationToken cancellationToken)
    {
        _step = "Signing the Noise static key";
        byte[] signature = await _request.Identity.SignAsync(NoisePayload.SignedMessage(_state.StaticPublic), cancellationToken);

        ArrayBufferWriter<byte> payload = new();
        new NoisePayload(_request.Identity.PublicKey.ToProtobuf(), signature, _request.Extensions).Write(payload);
        return payload.WrittenSpan.ToArray();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        _step = $"Sending Noise message {_state.MessageNumber}";
        PipeWriter output = _link.Output;
        Span<byte> frame = output.GetSpan(NoiseFrame.HeaderSize + HandshakeState.MaxOverhead + payload.Length);
        int length = _state.WriteMessage(payload.Span, frame[NoiseFrame.HeaderSize..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame, checked((ushort)length));
        output.Advance(NoiseFrame.HeaderSize + length);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>The payload of the remote's next message. Of what follows it in the link, nothing is consumed.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        _step = $"Waiting for Noise message {_state.MessageNumber}";

        while (true)
        {
            ReadResult read = await _link.Input.ReadAsync(cancellationToken);
            SequencePosition consumed = read.Buffer.Start;
            SequencePosition examined = read.Buffer.End;

            try
            {
                if (read.IsCanceled)
                {
                    throw new OperationCanceledException("The link's pending read was cancelled during the Noise handshake.");
                }

                if (TryTakeMessage(read.Buffer, out ReadOnlySequence<byte> message))
                {
                    consumed = examined = message.End;
                    byte[] payload = new byte[message.Length];
                    return payload.AsMemory(0, _state.ReadMessage(message.ToArray(), payload));
                }

                if (read.IsCompleted)
                {
                    throw new HandshakeException(
                        $"The remote ended the link {read.Buffer.Length} bytes into Noise message {_state.MessageNumber}", EndedBy.Remote);
                }
            }
            finally
            {
                _link.Input.AdvanceTo(consumed, examined);
            }
        }
    }

    private bool TryTakeMessage(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> message)
    {
        message = default;
        SequenceReader<byte> reader = new(received);

        if (!reader.TryReadBigEndian(out short header))
        {
            return false;
        }

        int length = (ushort)header;

        if (length > MaxMessage)
        {
            throw new HandshakeException(
                $"Noise message {_state.MessageNumber} has {length} bytes, of which {MaxMessage} are allowed", EndedBy.Violation);
        }

        return reader.TryReadExact(length, out message);
    }

    /// <summary>Decides who the remote is: first that it is the expected peer, then that it is nobody else, and only then what it says.</summary>
    private async ValueTask<SecurityResult> VerifyAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        _step = "Verifying the remote's Noise payload";

        NoisePayload payload = NoisePayload.TryRead(message) ?? throw Refused("is malformed");

        if (payload.IdentityKey.IsEmpty || payload.Signature.IsEmpty)
        {
            throw Refused($"has no {(payload.IdentityKey.IsEmpty ? "identity key" : "signature")}");
        }

        if (!PublicKey.TryFromProtobuf(payload.IdentityKey.Span, out PublicKey? key, out MultiformatError error))
        {
            throw Refused($"has an identity key that is none: {error.Reason}");
        }

        if (!_request.ExpectedPeer.Matches(key.PeerId))
        {
            throw new HandshakeException($"The remote is {key.PeerId}, expected was {_request.ExpectedPeer}", EndedBy.Local);
        }

        if (!await _verifier.VerifyAsync(key, NoisePayload.SignedMessage(_state.RemoteStatic), payload.Signature, cancellationToken))
        {
            throw Refused($"has a signature that is not {key.PeerId}'s");
        }

        ProtocolId? muxer = EarlyMuxer.Select(_request.Role, _request.Extensions.StreamMuxers, payload.Extensions.StreamMuxers);
        return new SecurityResult(NoiseSecurity.ProtocolId, key.PeerId, key, payload.Extensions, muxer);
    }

    private static HandshakeException Refused(string what) => new($"The remote's Noise payload {what}", EndedBy.Violation);

    private static EndedBy Blame(Exception failure) => failure switch
    {
        Libp2pException known => known.Reason.By,
        IOException => EndedBy.Link,
        _ => EndedBy.Local,
    };
}
