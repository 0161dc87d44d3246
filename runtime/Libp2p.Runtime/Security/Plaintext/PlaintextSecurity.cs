using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Multiformats;

namespace Libp2p.Security.Plaintext;

/// <summary>
/// No security, <c>/plaintext/2.0.0</c>: each end says who it is, nobody proves it, nothing is encrypted. For tests and for links
/// that are protected otherwise; a node offers it only when told to.
/// </summary>
public sealed class PlaintextSecurity : ISecurityProtocol
{
    /// <summary>The id of plaintext.</summary>
    public static readonly ProtocolId ProtocolId = "/plaintext/2.0.0";

    /// <inheritdoc/>
    public ProtocolId Id => ProtocolId;

    /// <inheritdoc/>
    public bool IsInsecure => true;

    /// <inheritdoc/>
    public async ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);

        try
        {
            PlaintextExchange.Write(link.Output, request.Identity.PublicKey);
            await link.Output.FlushAsync(cancellationToken);
            PublicKey key = await ReceiveAsync(link.Input, cancellationToken);

            return request.ExpectedPeer.Matches(key.PeerId)
                ? new SecuredLink(link, new SecurityResult(ProtocolId, key.PeerId, key, SecurityExtensions.None, EarlyMuxer: null))
                : throw new HandshakeException($"The remote is {key.PeerId}, expected was {request.ExpectedPeer}", EndedBy.Local);
        }
        catch (IOException failure) when (failure is not HandshakeException)
        {
            EndedBy by = (failure as Libp2pException)?.Reason.By ?? EndedBy.Link;
            throw new HandshakeException($"The plaintext exchange failed: {failure.Message}", by, failure);
        }
    }

    private static async ValueTask<PublicKey> ReceiveAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken);
            SequencePosition consumed = read.Buffer.Start;
            SequencePosition examined = read.Buffer.End;

            try
            {
                if (read.IsCanceled)
                {
                    throw new OperationCanceledException("The link's pending read was cancelled during the plaintext exchange.");
                }

                if (TryTakeMessage(read.Buffer, out ReadOnlySequence<byte> message))
                {
                    consumed = examined = message.End;
                    return PlaintextExchange.TryRead(message.ToArray(), out PublicKey? key)
                        ? key
                        : throw new HandshakeException("The remote's plaintext exchange holds no key, or not the one of its id", EndedBy.Violation);
                }

                if (read.IsCompleted)
                {
                    throw new HandshakeException(
                        $"The remote ended the link {read.Buffer.Length} bytes into its plaintext exchange", EndedBy.Remote);
                }
            }
            finally
            {
                input.AdvanceTo(consumed, examined);
            }
        }
    }

    private static bool TryTakeMessage(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> message)
    {
        message = default;
        SequenceReader<byte> reader = new(received);

        switch (Varint.Read(ref reader, out ulong length))
        {
            case OperationStatus.NeedMoreData:
                return false;
            case OperationStatus.Done when length <= PlaintextExchange.MaxSize:
                return reader.TryReadExact((int)length, out message);
            default:
                throw new HandshakeException("The remote's plaintext exchange has no valid length", EndedBy.Violation);
        }
    }
}
