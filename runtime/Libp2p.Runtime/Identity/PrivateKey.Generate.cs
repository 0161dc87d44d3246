using Libp2p.Crypto;
using Libp2p.Scheduling;

namespace Libp2p;

/// <content>New keys. But for RSA, the same randomness gives the same key.</content>
public abstract partial class PrivateKey
{
    /// <summary>The RSA keys that we make and accept have at least so many bits.</summary>
    public const int MinRsaBits = 2048;

    /// <summary>The RSA keys that we make and accept have at most so many bits.</summary>
    public const int MaxRsaBits = 8192;

    /// <summary>A new key of any type; RSA with <see cref="MinRsaBits"/>. Where nothing else is asked for, take Ed25519.</summary>
    /// <param name="type">The algorithm.</param>
    /// <param name="random">Where the secret comes from, unless it is an RSA key.</param>
    /// <param name="engine">Signs with it, where the platform does not.</param>
    /// <exception cref="PlatformNotSupportedException">The platform lacks the algorithm: RSA and ECDSA in a browser.</exception>
    public static PrivateKey Generate(KeyType type, IRandomSource random, CryptoEngine engine) => type switch
    {
        KeyType.Ed25519 => GenerateEd25519(random, engine),
        KeyType.Secp256k1 => GenerateSecp256k1(random, engine),
        KeyType.Ecdsa => GenerateEcdsa(random),
        KeyType.Rsa => GenerateRsa(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The algorithm is unknown."),
    };

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
    /// <param name="bits"><see cref="MinRsaBits"/> to <see cref="MaxRsaBits"/>, a multiple of 8.</param>
    /// <exception cref="PlatformNotSupportedException">The platform lacks RSA, as browsers do.</exception>
    public static PrivateKey GenerateRsa(int bits = MinRsaBits)
    {
        if (bits is < MinRsaBits or > MaxRsaBits || bits % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, $"An RSA key has {MinRsaBits} to {MaxRsaBits} bits, a multiple of 8.");
        }

        return RsaPrivateKey.Generate(bits);
    }

    /// <summary>A new ECDSA key on P-256. js cannot verify it: not a good default.</summary>
    /// <param name="random">Where the 32 bytes of the secret come from. The signatures are the platform's, and random.</param>
    /// <exception cref="PlatformNotSupportedException">The platform lacks ECDSA, as browsers do.</exception>
    public static PrivateKey GenerateEcdsa(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return EcdsaPrivateKey.Generate(random);
    }
}
