using Libp2p.Simulation;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Node;

/// <summary>A key vault that never answers costs its own handshakes, and holds up neither their time nor the node's end.</summary>
public sealed class DeafSignerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_signer_that_never_signs_is_left_behind_in_both_roles_and_its_connection_is_counted_until_it_returns(bool listens) => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        NodeOptions options = new() { InboundUpgradeTimeout = TimeSpan.FromSeconds(5), DialAttemptTimeout = TimeSpan.FromSeconds(5) };
        TaskCompletionSource<byte[]> signature = new();
        using PrivateKey key = PrivateKey.GenerateEd25519(run.Node("key").Random, Libp2p.Crypto.CryptoEngine.Default);
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => Configure(node.Listen("/memory/1"), isDeaf: listens));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => Configure(node, isDeaf: !listens));
        TimeSpan started = run.Time.Elapsed;

        await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(bob.Addresses[0]).AsTask());
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time); // the listener's time began later
        Libp2pNode deaf = listens ? bob : alice;
        Assert.Empty(deaf.Connections);
        Assert.Equal(1, deaf.GetState().Usage.InboundConnections + deaf.GetState().Usage.OutboundConnections); // what was left behind has its socket
        Assert.Single(deaf.GetState().Abandoned);
        Assert.InRange(run.Time.Elapsed - started, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7));
        await deaf.DisposeAsync();
        Assert.InRange(run.Time.Elapsed - started, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8));
        signature.SetResult([]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.Equal(default, deaf.GetState().Usage);
        Assert.Empty(deaf.GetState().Abandoned);

        void Configure(NodeBuilder node, bool isDeaf)
        {
            node.Options(options);
            if (isDeaf)
            {
                node.Identity(new DeafSigner(key.PublicKey, signature.Task));
            }
        }
    });

    private sealed class DeafSigner(PublicKey key, Task<byte[]> signature) : IIdentitySigner
    {
        public PublicKey PublicKey => key;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => new(signature);
    }
}
