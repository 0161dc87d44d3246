using System.Diagnostics.CodeAnalysis;
using Libp2p.Crypto.Libsodium;
using Libp2p.Crypto.Portable;

namespace Libp2p.Crypto;

/// <summary>
/// The one seam for the primitives that not every platform has: ChaCha20-Poly1305, X25519, Ed25519 and ECDSA over secp256k1.
/// Hashes, HMAC, HKDF, RSA, the NIST curves and X.509 are taken from <c>System.Security.Cryptography</c> directly.
/// </summary>
/// <remarks>
/// <para>An engine holds no state: it is safe on any thread, any number of times at once. Every argument is lent for the duration of the
/// call; keys stay the caller's to keep and to wipe. An engine draws no randomness: private keys are bytes the caller made.</para>
/// <para>Engines differ in speed, never in answers. A derived engine overrides what it does better; what it does not override is served
/// by the portable code, which needs nothing but the runtime. To force an engine, pass it where one is asked for.</para>
/// <para>A span of the wrong length is the caller's mistake and throws <see cref="ArgumentException"/>; signatures and public keys come
/// from peers, so whatever they hold is an answer, not an exception.</para>
/// </remarks>
public abstract partial class CryptoEngine
{
    /// <summary>Bytes of an X25519 private key, public key and shared secret.</summary>
    public const int X25519Size = 32;

    /// <summary>Bytes of an Ed25519 private key (the seed of RFC 8032) and public key.</summary>
    public const int Ed25519KeySize = 32;

    /// <summary>Bytes of an Ed25519 signature.</summary>
    public const int Ed25519SignatureSize = 64;

    /// <summary>Our own code for every primitive: works everywhere, the browser included.</summary>
    public static CryptoEngine Portable { get; } = new PortableEngine();

    /// <summary><c>System.Security.Cryptography</c> for what this platform has of it, the portable code for the rest.</summary>
    public static CryptoEngine Platform { get; } = new PlatformEngine();

    /// <summary>
    /// The best engine here, chosen once: the AEAD from the platform where it has one, X25519 and Ed25519 from libsodium where that is
    /// installed, the portable code for the rest. <see cref="Description"/> tells what was found.
    /// </summary>
    public static CryptoEngine Default => Selection.Best;

    /// <summary>libsodium, where it is installed; its absence is normal.</summary>
    public static bool TryGetLibsodium([NotNullWhen(true)] out CryptoEngine? engine)
    {
        engine = LibsodiumEngine.Instance;
        return engine is not null;
    }

    /// <summary>A short name for logs and benchmarks.</summary>
    public abstract string Name { get; }

    /// <summary>Which library serves each primitive, for diagnostics: <c>X25519: libsodium 1.0.18; …</c>.</summary>
    public string Description => string.Join("; ", Enum.GetValues<CryptoPrimitive>().Select(p => $"{p}: {ServedBy(p)}"));

    /// <summary>The library that serves <paramref name="primitive"/> in this engine.</summary>
    public virtual string ServedBy(CryptoPrimitive primitive) => primitive switch
    {
        CryptoPrimitive.ChaCha20Poly1305 => $"{PortableEngine.LibraryName}, {ChaCha20Cipher.Width}",
        _ => PortableEngine.LibraryName,
    };

    /// <summary>Returns <see cref="Name"/>.</summary>
    public sealed override string ToString() => Name;

    /// <summary>
    /// Starts ChaCha20-Poly1305 (RFC 8439) under a 32-byte <paramref name="key"/>, which is copied.
    /// The caller disposes the result, and that wipes the copy.
    /// </summary>
    public Aead CreateChaCha20Poly1305(ReadOnlySpan<byte> key)
    {
        RequireLength(key, Aead.KeySize, nameof(key));
        return CreateChaCha20Poly1305Core(key);
    }

    /// <inheritdoc cref="CreateChaCha20Poly1305"/>
    protected virtual Aead CreateChaCha20Poly1305Core(ReadOnlySpan<byte> key) => new PortableAead(key);

    private static void RequireLength(ReadOnlySpan<byte> bytes, int length, string parameter)
    {
        if (bytes.Length != length)
        {
            ThrowLength(bytes.Length, length, parameter);
        }
    }

    [DoesNotReturn]
    private static void ThrowLength(int actual, int expected, string parameter) =>
        throw new ArgumentException($"Expected {expected} bytes, got {actual}.", parameter);

    /// <summary>A class of its own, so that whoever forces an engine looks for no native library.</summary>
    private static class Selection
    {
        public static CryptoEngine Best { get; } = new DefaultEngine();
    }
}
