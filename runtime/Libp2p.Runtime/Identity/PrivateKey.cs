using System.Diagnostics.CodeAnalysis;
using Libp2p.Crypto;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// The secret half of an identity (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md). Owns its secret until it is
/// disposed of, and wipes it then; its texts and exceptions name the public half only. Signing is thread-safe; disposing while one
/// signs is not.
/// </summary>
public abstract partial class PrivateKey : IDisposable
{
    /// <summary>The longest protobuf message accepted, in bytes. An RSA key of 8192 bits takes about 4,700.</summary>
    public const int MaxProtobufLength = 8192;

    private protected const string FormatName = "private key";

    private bool _disposed;

    private protected PrivateKey(PublicKey publicKey) => PublicKey = publicKey;

    /// <summary>The public half, derived from the secret.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>The algorithm.</summary>
    public KeyType Type => PublicKey.Type;

    /// <summary>Reads the protobuf form, in which libp2p nodes keep and exchange keys.</summary>
    /// <param name="message">The message; lent. The caller wipes it.</param>
    /// <param name="engine">Signs with the key, where the platform does not.</param>
    /// <exception cref="MultiformatException">
    /// The message is malformed, the key exceeds a limit, or its halves do not belong together. Nothing of it is quoted.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">The platform lacks the key's algorithm: RSA and ECDSA in a browser.</exception>
    public static PrivateKey FromProtobuf(ReadOnlySpan<byte> message, CryptoEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);

        if (!PrivateKeyProtobuf.TryRead(message, out int type, out ReadOnlySpan<byte> data))
        {
            Refuse("no message of type and data");
        }

        switch (type)
        {
            case (int)KeyType.Ed25519:
                return Ed25519PrivateKey.FromData(data, engine);
            case (int)KeyType.Secp256k1:
                return Secp256k1PrivateKey.FromData(data, engine);
            case (int)KeyType.Rsa:
                return RsaPrivateKey.FromData(data);
            case (int)KeyType.Ecdsa:
                return EcdsaPrivateKey.FromData(data);
            default:
                Refuse("the algorithm is unknown");
                return null;
        }
    }

    /// <summary>Signs as the key's type prescribes. The signature is the caller's.</summary>
    /// <exception cref="ObjectDisposedException">The secret is wiped.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SignCore(message);
    }

    /// <summary>The protobuf form. It holds the secret: the caller wipes it after use.</summary>
    /// <exception cref="ObjectDisposedException">The secret is wiped.</exception>
    public byte[] ToProtobuf()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return PrivateKeyProtobuf.Write(Type, SecretData);
    }

    /// <summary>Wipes the secret. Idempotent.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Dispose(disposing: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Algorithm and peer id, for people.</summary>
    public sealed override string ToString() => PublicKey.ToString();

    /// <summary>The secret as the protobuf form holds it; valid until disposal.</summary>
    private protected abstract ReadOnlySpan<byte> SecretData { get; }

    /// <summary>Signs; the key is not disposed of.</summary>
    private protected abstract byte[] SignCore(ReadOnlySpan<byte> message);

    /// <summary>Wipes the secret. Called once.</summary>
    protected abstract void Dispose(bool disposing);

    [DoesNotReturn]
    internal static void Refuse(string reason) => throw new MultiformatException(FormatName, new MultiformatError(0, reason));
}
