using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

/// <summary>
/// One handshake is recorded; then each end replays its part with the same keys, and hears the other's words changed or cut at each
/// byte in turn.
/// </summary>
public sealed class NoiseTamperingTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    public static TheoryData<ConnectionRole> Roles => [ConnectionRole.Initiator, ConnectionRole.Responder];

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task What_was_recorded_replays(ConnectionRole role)
    {
        byte[] heard = await RecordAsync(role);
        SecuredLink link = await ReplayAsync(role, heard);
        Assert.NotNull(link.Result.RemotePeer);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task A_changed_bit_at_any_byte_fails_the_handshake(ConnectionRole role)
    {
        byte[] heard = await RecordAsync(role);

        for (int i = 0; i < heard.Length; i++)
        {
            byte[] changed = [.. heard];
            changed[i] ^= (byte)(1 << (i % 8));
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => ReplayAsync(role, changed));
            Assert.NotEqual(EndedBy.Local, failed.Reason.By);
        }
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task An_end_at_any_byte_fails_the_handshake_and_names_the_message(ConnectionRole role)
    {
        byte[] heard = await RecordAsync(role);

        for (int length = 0; length < heard.Length; length++)
        {
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => ReplayAsync(role, heard[..length]));
            Assert.Equal(EndedBy.Remote, failed.Reason.By);
            Assert.Contains("Noise message", failed.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Garbage_fails_the_handshake(ConnectionRole role)
    {
        SeededRandomSource random = new(17);

        for (int i = 0; i < 200; i++)
        {
            byte[] garbage = new byte[1 + random.Next(400)];
            random.Fill(garbage);
            await Assert.ThrowsAsync<HandshakeException>(() => ReplayAsync(role, garbage));
        }
    }

    /// <summary>What an end hears in a handshake in which all keys come from fixed seeds.</summary>
    private static async Task<byte[]> RecordAsync(ConnectionRole role)
    {
        MemoryLinkPair near = new();
        MemoryLinkPair far = new();
        Task<SecuredLink> initiating = Noise(ConnectionRole.Initiator).SecureAsync(near.First, Request(ConnectionRole.Initiator), s_none).AsTask();
        Task<SecuredLink> responding = Noise(ConnectionRole.Responder).SecureAsync(far.Second, Request(ConnectionRole.Responder), s_none).AsTask();

        byte[] first = await near.Second.Input.ReadExactlyAsync(2 + 32);
        await far.First.Output.WriteAsync(first);
        byte[] second = await far.First.Input.ReadExactlyAsync(2 + 96 + 104);
        await near.Second.Output.WriteAsync(second);
        byte[] third = await near.Second.Input.ReadExactlyAsync(2 + 64 + 104);
        await far.First.Output.WriteAsync(third);

        await initiating;
        await responding;
        return role == ConnectionRole.Initiator ? second : [.. first, .. third];
    }

    private static async Task<SecuredLink> ReplayAsync(ConnectionRole role, byte[] heard)
    {
        MemoryLinkPair pair = new();
        await pair.Second.Output.WriteAsync(heard);
        await pair.Second.Output.CompleteAsync();
        return await Noise(role).SecureAsync(pair.First, Request(role), s_none);
    }

    private static NoiseSecurity Noise(ConnectionRole role) =>
        new(CryptoEngine.Default, TestIdentity.Verifier, new SeededRandomSource(100 + (ulong)role));

    private static SecurityRequest Request(ConnectionRole role) =>
        role == ConnectionRole.Initiator ? NoiseSecurityTests.Initiator() : NoiseSecurityTests.Responder();
}
