using System.Security.Cryptography;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// The nonces of RFC 6979 §3.2 with SHA-256, for a group order of 256 bits: a function of the key and the message, so that no broken
/// random source can give the key away. Holds secrets: dispose it.
/// </summary>
internal ref struct Rfc6979
{
    /// <summary>Bytes of room that the caller lends.</summary>
    public const int StateSize = 2 * Size;

    private const int Size = SHA256.HashSizeInBytes;
    private readonly MontgomeryModulus _order;
    private readonly Span<byte> _state; // K ‖ V, as the RFC names them
    private bool _started;

    /// <param name="order">n.</param>
    /// <param name="privateKey">32 big-endian bytes in 1 … n − 1.</param>
    /// <param name="digest">The message's digest modulo n.</param>
    /// <param name="state">Room for <see cref="StateSize"/> bytes, on the caller's stack.</param>
    public Rfc6979(MontgomeryModulus order, ReadOnlySpan<byte> privateKey, in UInt256 digest, Span<byte> state)
    {
        _order = order;
        _state = state[..StateSize];
        Key.Clear();
        Value.Fill(1);

        Span<byte> input = stackalloc byte[Size + 1 + (2 * Size)]; // V ‖ 00 or 01 ‖ private key ‖ digest
        privateKey.CopyTo(input[(Size + 1)..]);
        digest.WriteBigEndian(input[(Size + 1 + Size)..]);
        for (byte round = 0; round <= 1; round++)
        {
            Value.CopyTo(input);
            input[Size] = round;
            Update(input);
        }

        CryptographicOperations.ZeroMemory(input);
    }

    private readonly Span<byte> Key => _state[..Size];

    private readonly Span<byte> Value => _state[Size..];

    /// <summary>The next candidate in 1 … n − 1. What is thrown away says nothing of what is kept, so the loop may be seen.</summary>
    public UInt256 Next()
    {
        Span<byte> input = stackalloc byte[Size + 1];
        while (true)
        {
            if (_started)
            {
                Value.CopyTo(input);
                input[Size] = 0;
                Update(input);
            }

            _started = true;
            _ = HMACSHA256.HashData(Key, Value, Value);
            UInt256 candidate = UInt256.ReadBigEndian(Value);
            if ((candidate.IsBelowMask(_order.Modulus) & ~candidate.IsZeroMask()) != 0)
            {
                return candidate;
            }
        }
    }

    public readonly void Dispose() => CryptographicOperations.ZeroMemory(_state);

    /// <summary>K = HMAC(K, input), V = HMAC(K, V).</summary>
    private readonly void Update(ReadOnlySpan<byte> input)
    {
        _ = HMACSHA256.HashData(Key, input, Key);
        _ = HMACSHA256.HashData(Key, Value, Value);
    }
}
