using System.Security.Cryptography;
using Libp2p.Connections;
using Libp2p.Crypto;

namespace Libp2p.Security.Noise;

/// <summary>
/// The handshake Noise_XX_25519_ChaChaPoly_SHA256 (https://noiseprotocol.org/noise.html#the-handshakestate-object): messages in,
/// messages out, in turns. Knows nothing of libp2p. Owns its secrets.
/// <code>
/// -> e              32 | payload
/// &lt;- e, ee, s, es  32 | 32 + 16 | payload + 16
/// -> s, se          32 + 16 | payload + 16
/// </code>
/// </summary>
internal sealed class HandshakeState : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = CryptoEngine.X25519Size;

    /// <summary>Bytes that the largest message has beside its payload.</summary>
    public const int MaxOverhead = (2 * KeySize) + (2 * CipherState.TagSize);

    private static readonly Token[][] s_pattern = [[Token.E], [Token.E, Token.Ee, Token.S, Token.Es], [Token.S, Token.Se]];

    private readonly CryptoEngine _engine;
    private readonly ConnectionRole _role;
    private readonly SymmetricState _symmetric;
    private readonly byte[] _static;
    private readonly byte[] _staticPublic = new byte[KeySize];
    private readonly byte[] _ephemeral;
    private readonly byte[] _remoteStatic = new byte[KeySize];
    private readonly byte[] _remoteEphemeral = new byte[KeySize];
    private int _message;

    /// <summary>Begins a handshake.</summary>
    /// <param name="engine">Serves key agreement and AEAD.</param>
    /// <param name="role">Who speaks first.</param>
    /// <param name="prologue">What both ends must agree on beforehand; not sent.</param>
    /// <param name="staticKey">Our static private key; copied.</param>
    /// <param name="ephemeralKey">Our ephemeral private key, never used before; copied.</param>
    public HandshakeState(
        CryptoEngine engine, ConnectionRole role, ReadOnlySpan<byte> prologue, ReadOnlySpan<byte> staticKey, ReadOnlySpan<byte> ephemeralKey)
    {
        _engine = engine;
        _role = role;
        _static = staticKey.ToArray();
        _ephemeral = ephemeralKey.ToArray();
        _engine.DeriveX25519PublicKey(_static, _staticPublic);
        _symmetric = new SymmetricState(engine, "Noise_XX_25519_ChaChaPoly_SHA256"u8);
        _symmetric.MixHash(prologue);
    }

    private enum Token
    {
        E,
        S,
        Ee,
        Es,
        Se,
    }

    /// <summary>Whether all messages were exchanged.</summary>
    public bool IsComplete => _message == s_pattern.Length;

    /// <summary>Our static public key.</summary>
    public ReadOnlySpan<byte> StaticPublic => _staticPublic;

    /// <summary>The remote's static key, once it was received.</summary>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStatic;

    /// <summary>The hash of the transcript so far.</summary>
    public ReadOnlySpan<byte> Hash => _symmetric.Hash;

    /// <summary>The message that comes next, for people: 1 to 3.</summary>
    public int MessageNumber => _message + 1;

    /// <summary>Writes our next message.</summary>
    /// <param name="payload">Goes along; encrypted from the second message on.</param>
    /// <param name="destination">At least <see cref="MaxOverhead"/> bytes more than the payload.</param>
    /// <returns>Bytes written.</returns>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        int at = 0;

        foreach (Token token in s_pattern[_message])
        {
            if (token is Token.E or Token.S)
            {
                at += WriteKey(token, destination[at..]);
            }
            else
            {
                Mix(token);
            }
        }

        int size = payload.Length + _symmetric.TagSize;
        _symmetric.EncryptAndHash(payload, destination.Slice(at, size));
        _message++;
        return at + size;
    }

    /// <summary>Reads the remote's next message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="payload">Receives what went along; at least as long as the message.</param>
    /// <returns>Bytes of the payload.</returns>
    /// <exception cref="HandshakeException">The message is too short, tampered with, or holds a key that agrees on nothing.</exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        foreach (Token token in s_pattern[_message])
        {
            if (token is Token.E or Token.S)
            {
                ReadKey(token, ref message);
            }
            else
            {
                Mix(token);
            }
        }

        int size = message.Length - _symmetric.TagSize;

        if (size < 0)
        {
            throw Failed("ends before its payload");
        }

        if (!_symmetric.TryDecryptAndHash(message, payload[..size]))
        {
            throw Failed("has a payload that is not authentic");
        }

        _message++;
        return size;
    }

    /// <summary>The keys of the session, when the handshake is complete. The caller's.</summary>
    public (CipherState Send, CipherState Receive) Split()
    {
        (CipherState initiator, CipherState responder) = _symmetric.Split();
        return _role == ConnectionRole.Initiator ? (initiator, responder) : (responder, initiator);
    }

    /// <summary>Wipes all keys. Idempotent.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_static);
        CryptographicOperations.ZeroMemory(_ephemeral);
        _symmetric.Dispose();
    }

    private int WriteKey(Token token, Span<byte> destination)
    {
        if (token == Token.E)
        {
            _engine.DeriveX25519PublicKey(_ephemeral, destination[..KeySize]);
            _symmetric.MixHash(destination[..KeySize]);
            return KeySize;
        }

        int size = KeySize + _symmetric.TagSize;
        _symmetric.EncryptAndHash(_staticPublic, destination[..size]);
        return size;
    }

    private void ReadKey(Token token, ref ReadOnlySpan<byte> message)
    {
        int size = KeySize + (token == Token.E ? 0 : _symmetric.TagSize);

        if (message.Length < size)
        {
            throw Failed($"ends inside the remote's {(token == Token.E ? "ephemeral" : "static")} key");
        }

        ReadOnlySpan<byte> key = message[..size];
        message = message[size..];

        if (token == Token.E)
        {
            key.CopyTo(_remoteEphemeral);
            _symmetric.MixHash(key);
        }
        else if (!_symmetric.TryDecryptAndHash(key, _remoteStatic))
        {
            throw Failed("has a static key that is not authentic");
        }
    }

    /// <summary>Mixes in what two keys agree on; the first letter is the initiator's key, the second the responder's.</summary>
    private void Mix(Token token)
    {
        bool initiator = _role == ConnectionRole.Initiator;
        byte[] ours = token == (initiator ? Token.Se : Token.Es) ? _static : _ephemeral;
        byte[] theirs = token == (initiator ? Token.Es : Token.Se) ? _remoteStatic : _remoteEphemeral;

        Span<byte> secret = stackalloc byte[KeySize];

        if (!_engine.TryAgreeX25519(ours, theirs, secret))
        {
            throw Failed("comes with a key of small order");
        }

        _symmetric.MixKey(secret);
        CryptographicOperations.ZeroMemory(secret);
    }

    private HandshakeException Failed(string what) => new($"Noise message {MessageNumber} {what}", EndedBy.Violation);
}
