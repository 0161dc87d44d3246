using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// Wiping of secret values on the stack. Best effort: copies that the JIT made in registers and spill slots are out of reach.
/// </summary>
internal static class Secret
{
    public static void Wipe<T>(ref T value)
        where T : unmanaged =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<T>(ref value)));

    public static void Wipe<T>(Span<T> values)
        where T : unmanaged =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(values));
}
