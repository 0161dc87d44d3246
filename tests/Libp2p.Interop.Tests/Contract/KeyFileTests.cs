using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;
using Xunit.Abstractions;

namespace Libp2p.Interop.Contract;

/// <summary>Key files go from one implementation to another, stand for the same peer there, and sign as that peer.</summary>
public sealed class KeyFileTests(ITestOutputHelper output) : PeerTests(output)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("libp2p-keys-");

    private string KeyFile => Path.Combine(_folder.FullName, "key");

    /// <summary>The key types of the contract.</summary>
    public enum KeyKind
    {
        Ed25519,
        Secp256k1,
        Ecdsa,
        Rsa,
    }

    /// <summary>All that the others make and read; js has no ECDSA keys.</summary>
    public static IEnumerable<object[]> Keys =>
        from peer in PeerProgram.Others
        from kind in Enum.GetValues<KeyKind>()
        where (peer, kind) != ("js", KeyKind.Ecdsa)
        select new object[] { peer, kind };

    [PeerTheory]
    [MemberData(nameof(Keys))]
    public Task A_key_file_of_another_is_read(string other, KeyKind kind) => ExchangeAsync(other, PeerProgram.Ours, kind);

    [PeerTheory]
    [MemberData(nameof(Keys))]
    public Task A_key_file_of_ours_is_read(string other, KeyKind kind) => ExchangeAsync(PeerProgram.Ours, other, kind);

    [Fact]
    public async Task What_is_no_key_file_is_fatal()
    {
        await File.WriteAllTextAsync(KeyFile, "no key");
        PeerProcess peer = StartOurs("listen", "--key", KeyFile);

        Assert.Equal(1, await peer.ExitAsync());
        Assert.Equal("fatal", Assert.Single(peer.Events).Name);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task ExchangeAsync(string maker, string reader, KeyKind kind)
    {
        PeerProcess making = Start(maker, "genkey", "--out", KeyFile, "--key-type", kind.ToString().ToLowerInvariant());
        Assert.Equal(0, await making.ExitAsync());
        PeerEvent key = await making.EventAsync("key");

        PeerProcess reading = await ListenAsync(reader, "--key", KeyFile);
        Assert.Equal(key.Text("peerId"), reading.Id);

        PeerProcess dialing = Start(maker, "dial", reading.Address, "--do", "ping");
        Assert.Equal(0, await dialing.ExitAsync());
    }
}
