using Libp2p.Scheduling;

namespace Libp2p.Security.Tls;

/// <summary>
/// Our certificate for an identity: made by the first handshake that needs it, shared by those that follow, and replaced before it runs
/// out. Holds one, the last identity's. Thread-safe.
/// </summary>
/// <param name="seams">Clock and randomness.</param>
internal sealed class TlsCertificates(NodeSeams seams) : IDisposable
{
    private readonly Turnstile _turn = new(1); // one signature, however many handshakes wait for it
    private volatile Held? _held;

    /// <summary>The certificate to present. Lent: it is disposed of with this object, or by the garbage collector when it was replaced.</summary>
    /// <param name="identity">Signs it.</param>
    /// <param name="cancellationToken">Gives up waiting for it, also for one that another handshake has asked for.</param>
    public async ValueTask<OwnCertificate> GetAsync(IIdentitySigner identity, CancellationToken cancellationToken)
    {
        if (Find(identity) is { } fresh)
        {
            return fresh;
        }

        await _turn.EnterAsync(cancellationToken);
        try
        {
            if (Find(identity) is { } made)
            {
                return made;
            }

            OwnCertificate certificate = await OwnCertificate.MakeAsync(identity, seams, cancellationToken);
            _held = new Held(identity, certificate); // handshakes may still use the one before
            return certificate;
        }
        finally
        {
            _turn.Leave();
        }
    }

    public void Dispose() => Interlocked.Exchange(ref _held, null)?.Certificate.Dispose();

    private OwnCertificate? Find(IIdentitySigner identity) =>
        _held is { } held && ReferenceEquals(held.Identity, identity) && held.Certificate.IsFresh(seams.Time.GetUtcNow()) ? held.Certificate : null;

    private sealed record Held(IIdentitySigner Identity, OwnCertificate Certificate);
}
