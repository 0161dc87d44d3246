using System.Security.Cryptography;

namespace Libp2p;

/// <summary>What <c>System.Security.Cryptography</c> has of identity keys, where the platform has it.</summary>
internal static class PlatformAlgorithm
{
    /// <exception cref="PlatformNotSupportedException">There is none here, as in browsers.</exception>
    public static RSA CreateRsa() => Create(RSA.Create, "RSA");

    /// <inheritdoc cref="CreateRsa"/>
    public static ECDsa CreateEcdsa() => Create(ECDsa.Create, "ECDSA");

    /// <summary>Says which identities cannot be used here, and which can: the platform's own words name a class.</summary>
    public static T Create<T>(Func<T> create, string algorithm)
    {
        try
        {
            return create();
        }
        catch (PlatformNotSupportedException missing)
        {
            throw new PlatformNotSupportedException(
                $"This platform has no {algorithm}, so {algorithm} identities cannot be used here. Ed25519 and secp256k1 work everywhere.",
                missing);
        }
    }
}
