using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Libp2p.Scheduling;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.TestKit;

/// <summary>
/// Randomness that repeats from a seed, on every machine and in every process. A fork depends on the seed and its name alone, not
/// on what was drawn before: one more node in a simulation leaves the randomness of all others as it was. Thread-safe. For tests
/// only: whoever knows the seed knows every key.
/// </summary>
public sealed class SeededRandomSource : IRandomSource
{
    private const int KeyLength = SHA256.HashSizeInBytes;

    private readonly byte[] _key;
    private readonly Lock _lock = new();
    private readonly Xoshiro256 _generator;

    /// <summary>Starts from a seed.</summary>
    /// <param name="seed">Any number, 0 included.</param>
    public SeededRandomSource(ulong seed)
        : this(KeyOf(seed))
    {
    }

    private SeededRandomSource(byte[] key)
    {
        _key = key;
        _generator = new Xoshiro256(Derive("state", key, []));
    }

    /// <summary>An independent source of its own. The same name gives the same randomness again.</summary>
    /// <param name="name">For instance the name of a node. Compared by its characters.</param>
    public SeededRandomSource Fork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new SeededRandomSource(Derive("fork", _key, Encoding.UTF8.GetBytes(name)));
    }

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        lock (_lock)
        {
            while (destination.Length >= sizeof(ulong))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination, _generator.Next());
                destination = destination[sizeof(ulong)..];
            }

            if (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, _generator.Next());
                word[..destination.Length].CopyTo(destination);
            }
        }
    }

    /// <inheritdoc/>
    public int Next(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveBound);
        lock (_lock)
        {
            return (int)_generator.Next((uint)exclusiveBound);
        }
    }

    private static byte[] KeyOf(ulong seed)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, seed);
        return Derive("seed", bytes, []);
    }

    // SHA-256(purpose ‖ 0 ‖ key ‖ name). The purpose has no zero byte and the key one length per purpose, so no two inputs collide.
    private static byte[] Derive(string purpose, ReadOnlySpan<byte> key, ReadOnlySpan<byte> name)
    {
        byte[] input = new byte[purpose.Length + 1 + key.Length + name.Length];
        Encoding.ASCII.GetBytes(purpose, input);
        key.CopyTo(input.AsSpan(purpose.Length + 1));
        name.CopyTo(input.AsSpan(purpose.Length + 1 + key.Length));

        byte[] derived = new byte[KeyLength];
        SHA256.HashData(input, derived);
        return derived;
    }
}
