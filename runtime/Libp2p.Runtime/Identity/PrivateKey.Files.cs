using System.Security.Cryptography;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.Scheduling;

namespace Libp2p;

/// <content>Keys in files, as go-libp2p, kubo and OpenSSL write them.</content>
public abstract partial class PrivateKey
{
    /// <summary>The longest file read, in bytes: the configuration of kubo with room to grow.</summary>
    public const int MaxFileLength = 1024 * 1024;

    /// <summary>
    /// Reads a key in any form in which one is kept: the protobuf message (key files of go-libp2p, rust-libp2p and of
    /// <see cref="SaveAsync"/>), that in base64 (<c>Identity.PrivKey</c>), the configuration of kubo, whose <c>PeerID</c> must be the
    /// key's, PKCS#8 in DER or PEM, and OpenSSL's older PEM forms of RSA and ECDSA keys. What is encrypted is refused.
    /// </summary>
    /// <param name="content">The content of such a file; lent. The caller wipes it.</param>
    /// <param name="engine">Signs with the key, where the platform does not.</param>
    /// <exception cref="MultiformatException">It holds no key, or no valid one. Nothing of it is quoted.</exception>
    /// <exception cref="PlatformNotSupportedException">The platform lacks the key's algorithm: RSA and ECDSA in a browser.</exception>
    public static PrivateKey Import(ReadOnlyMemory<byte> content, CryptoEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return KeyFile.Read(content, engine);
    }

    /// <summary>Reads a file as <see cref="Import"/> does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="engine">Signs with the key, where the platform does not.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MultiformatException">
    /// The file holds no key, or no valid one, or exceeds <see cref="MaxFileLength"/>. Nothing of it is quoted.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">The platform lacks the key's algorithm: RSA and ECDSA in a browser.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<PrivateKey> FromFileAsync(string path, CryptoEngine engine, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(engine);
        await CallersContext.Leave();
        byte[] content = await KeyFile.LoadAsync(path, cancellationToken);

        try
        {
            return KeyFile.Read(content, engine);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>
    /// Writes the protobuf message to a file, for no other user to read (mode 600 on Unix; elsewhere as the folder says). An existing file
    /// is replaced at once and only when the new one is on the disk: there is the old key or the new one, never half a key.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the writing, and leaves an existing file as it was.</param>
    /// <exception cref="IOException">The file cannot be written; an existing one is as it was.</exception>
    /// <exception cref="ObjectDisposedException">The secret is wiped.</exception>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        await CallersContext.Leave();
        byte[] message = ToProtobuf();

        try
        {
            await KeyFile.SaveAsync(path, message, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }
}
