using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;
using Xunit.Abstractions;

namespace Libp2p.Interop.Contract;

/// <summary>Key files go from one implementation to another, and stand for the same peer there.</summary>
public sealed class KeyFileTests(ITestOutputHelper output) : PeerTests(output)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("libp2p-keys-");

    private string KeyFile => Path.Combine(_folder.FullName, "key");

    [PeerTheory]
    [Others]
    public Task A_key_file_of_another_is_read(string other) => ExchangeAsync(other, PeerProgram.Ours);

    [PeerTheory]
    [Others]
    public Task A_key_file_of_ours_is_read(string other) => ExchangeAsync(PeerProgram.Ours, other);

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

    private async Task ExchangeAsync(string maker, string reader)
    {
        PeerProcess making = Start(maker, "genkey", "--out", KeyFile, "--key-type", "ed25519");
        Assert.Equal(0, await making.ExitAsync());
        PeerEvent key = await making.EventAsync("key");

        PeerProcess reading = await ListenAsync(reader, "--key", KeyFile);
        Assert.Equal(key.Text("peerId"), reading.Id);
    }
}
