using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

/// <summary>Speaks correct Noise with any payload, for remotes that are wrong above it.</summary>
internal sealed class ScriptedNoisePeer(IDuplexPipe link, ConnectionRole role, byte[]? staticKey = null) : IDisposable
{
    public HandshakeState State { get; } = new(CryptoEngine.Default, role, [], staticKey ?? Key(1), Key(2));

    public async Task SendAsync(byte[] payload)
    {
        byte[] frame = new byte[NoiseFrame.HeaderSize + HandshakeState.MaxOverhead + payload.Length];
        int length = State.WriteMessage(payload, frame.AsSpan(NoiseFrame.HeaderSize));
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        await link.Output.WriteAsync(frame.AsMemory(0, NoiseFrame.HeaderSize + length));
    }

    public async Task<byte[]> ReceiveAsync()
    {
        byte[] header = await link.Input.ReadExactlyAsync(NoiseFrame.HeaderSize);
        byte[] message = await link.Input.ReadExactlyAsync(BinaryPrimitives.ReadUInt16BigEndian(header));
        byte[] payload = new byte[message.Length];
        return payload[..State.ReadMessage(message, payload)];
    }

    /// <summary>A payload as it should be, for a test to spoil.</summary>
    public async Task<NoisePayload> PayloadAsync(IIdentitySigner identity, SecurityExtensions? extensions = null) => new(
        identity.PublicKey.ToProtobuf(),
        await identity.SignAsync(NoisePayload.SignedMessage(State.StaticPublic), CancellationToken.None),
        extensions ?? SecurityExtensions.None);

    public static byte[] Bytes(NoisePayload payload)
    {
        ArrayBufferWriter<byte> message = new();
        payload.Write(message);
        return message.WrittenSpan.ToArray();
    }

    public void Dispose() => State.Dispose();

    private static byte[] Key(byte value)
    {
        byte[] key = new byte[HandshakeState.KeySize];
        Array.Fill(key, value);
        return key;
    }
}
