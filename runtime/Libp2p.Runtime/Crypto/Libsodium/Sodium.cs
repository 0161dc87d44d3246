using System.Reflection;
using System.Runtime.InteropServices;

namespace Libp2p.Crypto.Libsodium;

/// <summary>
/// The few functions of libsodium that are used, as its headers declare them. All are thread-safe after <c>sodium_init</c>.
/// </summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    // What it is called: Debian and others by ABI version, macOS, Windows, and packages that bring it along.
    private static readonly string[] s_names = ["libsodium.so.23", "libsodium.so.26", "libsodium.dylib", "libsodium.dll", Library];

    /// <summary>The version of the library that was found, or null where there is none. Looked for once.</summary>
    public static string? Version { get; } = Find();

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_encrypt_detached")]
    public static partial int Seal(
        Span<byte> ciphertext,
        Span<byte> tag,
        nint tagLength, // null: always 16
        ReadOnlySpan<byte> plaintext,
        ulong plaintextLength,
        ReadOnlySpan<byte> associatedData,
        ulong associatedDataLength,
        nint secretNonce, // null: unused
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_decrypt_detached")]
    public static partial int Open(
        Span<byte> plaintext,
        nint secretNonce, // null: unused
        ReadOnlySpan<byte> ciphertext,
        ulong ciphertextLength,
        ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData,
        ulong associatedDataLength,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> key);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int X25519(Span<byte> sharedSecret, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    public static partial int X25519Base(Span<byte> publicKey, ReadOnlySpan<byte> privateKey);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_seed_keypair")]
    public static partial int Ed25519KeyPair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_detached")]
    public static partial int Ed25519Sign(
        Span<byte> signature,
        nint signatureLength, // null: always 64
        ReadOnlySpan<byte> message,
        ulong messageLength,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "sodium_version_string")]
    private static partial nint VersionString();

    private static string? Find()
    {
        if (OperatingSystem.IsBrowser())
        {
            return null;
        }

        nint handle = 0;
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, typeof(Sodium).Assembly, searchPath: null, out handle))
            {
                break;
            }
        }

        if (handle == 0)
        {
            return null;
        }

        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Sodium).Assembly, Resolve);
            return Initialize() < 0 ? null : Marshal.PtrToStringUTF8(VersionString()) ?? "of unknown version";
        }
        catch (Exception e) when (e is InvalidOperationException or DllNotFoundException or EntryPointNotFoundException)
        {
            // The application resolves our imports itself, and not to this; or something else bears the name. Then it is as if absent.
            return null;
        }

        nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => library == Library ? handle : 0;
    }
}
