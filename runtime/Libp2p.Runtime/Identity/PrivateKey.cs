using System.Diagnostics.CodeAnalysis;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// The secret half of an identity (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md). Owns its secret until it is
/// disposed of, and wipes it then; its texts name the public half only. Signing is thread-safe; disposing while one signs is not.
/// </summary>
public abstract class PrivateKey : IDisposable
{
    /// <summary>The longest protobuf message accepted, in bytes. An RSA key of 8192 bits takes about 4,700.</summary>
    public const int MaxProtobufLength = 8192;

    private protected const string FormatName = "private key";

    private protected PrivateKey(PublicKey publicKey) => PublicKey = publicKey;

    /// <summary>The public half, derived from the secret.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>The algorithm.</summary>
    public KeyType Type => PublicKey.Type;

    /// <summary>A new Ed25519 key.</summary>
    /// <param name="random">Where the 32 bytes of the secret come from.</param>
    /// <param name="engine">Signs with it.</param>
    public static PrivateKey GenerateEd25519(IRandomSource random, CryptoEngine engine)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(engine);
        return Ed25519PrivateKey.Generate(random, engine);
    }

    /// <summary>A new secp256k1 key.</summary>
    /// <param name="random">Where the 32 bytes of the secret come from.</param>
    /// <param name="engine">Signs with it.</param>
    public static PrivateKey GenerateSecp256k1(IRandomSource random, CryptoEngine engine)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(engine);
        return Secp256k1PrivateKey.Generate(random, engine);
    }

    /// <summary>A new RSA key. It is the platform that draws it, so it is another one each time, in a simulation too.</summary>
    /// <param name="bits">2048 to 8192.</param>
    public static PrivateKey GenerateRsa(int bits = RsaSignatures.MinKeySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, RsaSignatures.MinKeySize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, RsaSignatures.MaxKeySize);
        return RsaPrivateKey.Generate(bits);
    }

    /// <summary>
    /// A new ECDSA key on P-256, drawn by the platform. js cannot verify it and rust knows no other curve: not a good default.
    /// </summary>
    public static PrivateKey GenerateEcdsa() => EcdsaPrivateKey.Generate();

    /// <summary>Reads the protobuf form, in which libp2p nodes keep and exchange keys.</summary>
    /// <param name="message">The message; lent. The caller wipes it.</param>
    /// <param name="engine">Signs with the key, where the platform does not.</param>
    /// <exception cref="MultiformatException">The message is malformed, or its halves do not belong together. It is never quoted.</exception>
    public static PrivateKey FromProtobuf(ReadOnlySpan<byte> message, CryptoEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);

        if (!PrivateKeyProtobuf.TryRead(message, out ulong type, out ReadOnlySpan<byte> data))
        {
            Refuse("no message of type and data");
        }

        switch ((KeyType)type)
        {
            case KeyType.Ed25519:
                return Ed25519PrivateKey.FromData(data, engine);
            case KeyType.Secp256k1:
                return Secp256k1PrivateKey.FromData(data, engine);
            case KeyType.Rsa:
                return RsaPrivateKey.FromData(data);
            case KeyType.Ecdsa:
                return EcdsaPrivateKey.FromData(data);
            default:
                Refuse("the algorithm is unknown");
                return null;
        }
    }

    /// <summary>Signs as the key's type prescribes. The signature is the caller's.</summary>
    public abstract byte[] Sign(ReadOnlySpan<byte> message);

    /// <summary>The protobuf form. It holds the secret: the caller wipes it after use.</summary>
    public byte[] ToProtobuf() => PrivateKeyProtobuf.Write(Type, SecretData);

    /// <summary>Wipes the secret. Idempotent.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Algorithm and peer id, for people.</summary>
    public sealed override string ToString() => PublicKey.ToString();

    /// <summary>The secret as the protobuf form holds it; valid until disposal.</summary>
    private protected abstract ReadOnlySpan<byte> SecretData { get; }

    /// <summary>Wipes the secret. Idempotent.</summary>
    protected abstract void Dispose(bool disposing);

    [DoesNotReturn]
    private protected static void Refuse(string reason) => throw new MultiformatException(FormatName, new MultiformatError(0, reason));
}
