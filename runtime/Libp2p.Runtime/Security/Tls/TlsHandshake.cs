using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Security.Tls;

/// <summary>
/// One handshake over a link: moves records between the link and <c>SslStream</c>, and lets nothing count before the remote is who it
/// must be. Used once.
/// </summary>
internal sealed class TlsHandshake : IDisposable
{
    /// <summary>The most bytes that an unauthenticated remote's handshake may have.</summary>
    public const int MaxSize = 32 * 1024;

    private readonly IByteLink _link;
    private readonly SecurityRequest _request;
    private readonly TlsCertificates _certificates;
    private readonly CertificateVerifier _verifier;
    private readonly TlsWire _wire = new();
    private readonly SslStream _stream;
    private string _step = "Making the TLS certificate";
    private ReadOnlyMemory<byte> _remoteCertificate;
    private CertificateRefusal? _refusal; // null until the platform has asked
    private long _taken;
    private bool _isSecured;

    public TlsHandshake(IByteLink link, SecurityRequest request, TlsCertificates certificates, CertificateVerifier verifier)
    {
        _link = link;
        _request = request;
        _certificates = certificates;
        _verifier = verifier;
        _stream = new SslStream(_wire, leaveInnerStreamOpen: true);
    }

    private IReadOnlyList<ProtocolId> Muxers => _request.Extensions.StreamMuxers;

    /// <summary>Runs it. The link belongs to the result, or, after an exception, still to the caller.</summary>
    public async ValueTask<SecuredLink> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            OwnCertificate certificate = await _certificates.GetAsync(_request.Identity, cancellationToken);
            SecurityExtensions remote = _request.Role == ConnectionRole.Initiator
                ? await InitiateAsync(certificate, cancellationToken)
                : await RespondAsync(certificate, cancellationToken);

            _step = "Verifying the remote's TLS certificate";
            PublicKey key = await _verifier.VerifyAsync(_remoteCertificate, _request.ExpectedPeer, cancellationToken);

            _step = "Sending the end of the TLS handshake"; // which holds our identity, if we are the client
            await SendAsync(cancellationToken);
            _isSecured = true;
            ProtocolId? muxer = TlsAlpn.MuxerOf(_stream.NegotiatedApplicationProtocol, Muxers);
            SecurityResult result = new(TlsSecurity.ProtocolId, key.PeerId, key, remote, muxer);
            return new SecuredLink(new TlsLink(_link, new TlsSession(_stream, _wire)), result);
        }
        catch (Exception failure) when (failure is not (HandshakeException or OperationCanceledException))
        {
            throw new HandshakeException($"{_step} failed: {TlsFailure.Describe(failure)}", Blame(failure), failure);
        }
    }

    /// <summary>Ends what a handshake that failed has left.</summary>
    public void Dispose()
    {
        if (!_isSecured)
        {
            _stream.Dispose();
        }
    }

    private async ValueTask<SecurityExtensions> InitiateAsync(OwnCertificate certificate, CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions options = TlsOptions.ForClient(certificate, TlsAlpn.Offer(Muxers), OnRemoteCertificate);
        await DriveAsync(() => _stream.AuthenticateAsClientAsync(options, CancellationToken.None), cancellationToken);

        if (!_stream.IsMutuallyAuthenticated)
        {
            throw new HandshakeException("The remote asked for no certificate of ours; libp2p authenticates both sides", EndedBy.Violation);
        }

        SslApplicationProtocol chosen = _stream.NegotiatedApplicationProtocol;
        if (!TlsAlpn.WasOffered(chosen, Muxers))
        {
            throw new HandshakeException($"The remote chose the application protocol '{chosen}', which was not offered", EndedBy.Violation);
        }

        return TlsAlpn.MuxerOf(chosen, Muxers) is { } muxer
            ? new SecurityExtensions { StreamMuxers = [muxer] } // all that a server tells of its muxers
            : SecurityExtensions.None;
    }

    private async ValueTask<SecurityExtensions> RespondAsync(OwnCertificate certificate, CancellationToken cancellationToken)
    {
        _step = "Reading the remote's ClientHello";
        ClientHello hello = await ReceiveHelloAsync(cancellationToken);
        if (hello.Protocols is not { } offered)
        {
            throw await RefuseAsync(
                "The remote's ClientHello offers no application protocol (ALPN), where a libp2p peer offers at least 'libp2p'", cancellationToken);
        }

        ReadOnlyMemory<byte> chosen = TlsAlpn.Choose(offered, Muxers);
        if (chosen.IsEmpty)
        {
            throw await RefuseAsync(
                "The remote's ClientHello offers neither 'libp2p' nor a muxer of ours as application protocol (ALPN)", cancellationToken);
        }

        SslServerAuthenticationOptions options = TlsOptions.ForServer(certificate, new SslApplicationProtocol(chosen.ToArray()), OnRemoteCertificate);
        await DriveAsync(() => _stream.AuthenticateAsServerAsync(options, CancellationToken.None), cancellationToken);
        return TlsAlpn.MuxersOf(offered) is { Count: > 0 } muxers ? new SecurityExtensions { StreamMuxers = muxers } : SecurityExtensions.None;
    }

    /// <summary>Reads the client's first message without consuming it: <c>SslStream</c> reads it again.</summary>
    private async ValueTask<ClientHello> ReceiveHelloAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _link.Input.ReadAsync(cancellationToken);
            SequencePosition examined = read.Buffer.End;

            try
            {
                ThrowIfCancelled(read);
                if (ClientHello.TryRead(read.Buffer) is { } hello)
                {
                    examined = read.Buffer.Start;
                    return hello;
                }

                ThrowIfCompleted(read);
            }
            finally
            {
                _link.Input.AdvanceTo(read.Buffer.Start, examined);
            }
        }
    }

    /// <summary>
    /// Runs <c>SslStream</c>'s handshake: sends what it wrote, offers it the remote's records one by one, and takes no byte more than it
    /// needs. When it is done, what it wrote last has not been sent.
    /// </summary>
    private async ValueTask DriveAsync(Func<Task> authenticate, CancellationToken cancellationToken)
    {
        _step = "The TLS handshake";
        Task running = Task.CompletedTask;
        WithoutContext(() => running = authenticate());

        try
        {
            while (await IsHungryAsync(running))
            {
                await SendAsync(cancellationToken);
                await OfferRecordAsync(running, cancellationToken);
            }
        }
        catch
        {
            WithoutContext(() => _wire.Break(new IOException("The TLS handshake was given up.")));
            await Waits.SettleAsync(running); // what it says now is only that
            throw;
        }

        try
        {
            await running;
        }
        catch (AuthenticationException) when (_refusal is { } refusal and not CertificateRefusal.None)
        {
            throw CertificateVerifier.Refused(refusal);
        }
        catch (Exception failure) when (TlsFailure.IsPlatforms(failure))
        {
            await TrySendAsync(cancellationToken); // the platform's alert
            string message = $"The TLS handshake failed: {TlsFailure.Describe(failure)}";
            throw new HandshakeException(message, TlsFailure.AlertOf(failure) is not null ? EndedBy.Remote : EndedBy.Violation, failure);
        }
    }

    /// <summary>Whether the handshake waits for a record; false when it is over.</summary>
    private async ValueTask<bool> IsHungryAsync(Task running)
    {
        // SslStream works on the thread that starts it or offers a record, but for a stack that is nearly full: then elsewhere.
        while (!running.IsCompleted && !_wire.IsHungry)
        {
            await Task.WhenAny(running, _wire.WhenHungryAsync());
        }

        return !running.IsCompleted;
    }

    private async ValueTask OfferRecordAsync(Task running, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await _link.Input.ReadAsync(cancellationToken);
            SequencePosition consumed = read.Buffer.Start;
            SequencePosition examined = read.Buffer.End;

            try
            {
                ThrowIfCancelled(read);
                if (TlsRecord.TryTake(read.Buffer, out ReadOnlySequence<byte> record))
                {
                    consumed = examined = record.End;
                    await OfferAsync(record, running);
                    return;
                }

                ThrowIfCompleted(read);
            }
            finally
            {
                _link.Input.AdvanceTo(consumed, examined);
            }
        }
    }

    private async ValueTask OfferAsync(ReadOnlySequence<byte> record, Task running)
    {
        _taken += record.Length;

        if (_taken > MaxSize)
        {
            throw new HandshakeException($"The remote's TLS handshake has more than {MaxSize} bytes", EndedBy.Violation);
        }

        if (TlsAlert.TryRead(record, out byte description))
        {
            throw new HandshakeException($"The remote ended the TLS handshake with the alert {TlsAlert.Describe(description)}", EndedBy.Remote);
        }

        WithoutContext(() => _wire.Offer(record));
        await IsHungryAsync(running); // until then the record is read
    }

    /// <summary>Called by <c>SslStream</c>. Only looks: the certificate is judged when the handshake is over, where there is time to wait.</summary>
    private bool OnRemoteCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _refusal = certificate is null ? CertificateRefusal.Missing
            : chain is not null && HasOthers(chain, certificate) ? CertificateRefusal.NotAlone
            : CertificateRefusal.None;
        _remoteCertificate = certificate?.GetRawCertData();
        return _refusal == CertificateRefusal.None;
    }

    /// <summary>Whether the remote sent more than its certificate, which the platform may repeat among what came with it.</summary>
    private static bool HasOthers(X509Chain chain, X509Certificate certificate) =>
        chain.ChainPolicy.ExtraStore.Any(extra => !extra.RawDataMemory.Span.SequenceEqual(certificate.GetRawCertData()));

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _wire.MoveKept(_link.Output);
        await _link.Output.FlushAsync(cancellationToken);
    }

    private async ValueTask TrySendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(cancellationToken);
        }
        catch (IOException)
        {
            // The link is gone, and the failure of the handshake is the one to tell.
        }
    }

    private async ValueTask<HandshakeException> RefuseAsync(string message, CancellationToken cancellationToken)
    {
        TlsAlert.Write(_link.Output, TlsAlert.NoApplicationProtocol);
        await TrySendAsync(cancellationToken);
        return new HandshakeException(message, EndedBy.Violation);
    }

    private void ThrowIfCompleted(ReadResult read)
    {
        if (read.IsCompleted)
        {
            throw new HandshakeException($"The remote ended the link {_taken + read.Buffer.Length} bytes into its TLS handshake", EndedBy.Remote);
        }
    }

    private static void ThrowIfCancelled(ReadResult read)
    {
        if (read.IsCanceled)
        {
            throw new OperationCanceledException("The link's pending read was cancelled during the TLS handshake.");
        }
    }

    /// <summary>
    /// Lets <c>SslStream</c> work where it is called: in a context of its own, which a node on one queue has, its continuations would go
    /// to the thread pool instead.
    /// </summary>
    private static void WithoutContext(Action work)
    {
        SynchronizationContext? own = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            work();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(own);
        }
    }

    private static EndedBy Blame(Exception failure) => failure switch
    {
        Libp2pException known => known.Reason.By,
        IOException => EndedBy.Link,
        _ => EndedBy.Local,
    };
}
