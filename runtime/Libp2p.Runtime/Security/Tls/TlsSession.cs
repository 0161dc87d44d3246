using System.Net.Security;

namespace Libp2p.Security.Tls;

/// <summary>The keys of a secured link, which both its directions use: the last of the two to let go disposes of them.</summary>
/// <param name="stream">Encrypts and decrypts. Owned.</param>
/// <param name="wire">Lies below it.</param>
internal sealed class TlsSession(SslStream stream, TlsWire wire)
{
    private int _users = 2;

    /// <summary>Encrypts and decrypts: one reader and one writer at a time.</summary>
    public SslStream Stream { get; } = stream;

    /// <summary>Lies below it.</summary>
    public TlsWire Wire { get; } = wire;

    /// <summary>One direction is over.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Stream.Dispose();
        }
    }
}
