using Libp2p.Interop.Peers;
using Xunit.Abstractions;

namespace Libp2p.Interop.Contract;

/// <summary>Tests that start peers: what these said is shown when a test fails, and none outlives its test.</summary>
public abstract class PeerTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<PeerProcess> _started = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (PeerProcess peer in _started)
        {
            output.WriteLine(peer.Transcript);
            await peer.DisposeAsync();
        }
    }

    private protected PeerProcess Start(string name, params IEnumerable<string> arguments) => Keep(PeerProcess.Start(PeerProgram.Named(name), arguments));

    private protected PeerProcess StartOurs(params IEnumerable<string> arguments) => Start(PeerProgram.Ours, arguments);

    private protected async Task<PeerProcess> ListenAsync(string name, params IEnumerable<string> options) =>
        Keep(await PeerProcess.ListenAsync(PeerProgram.Named(name), options));

    private protected Task<PeerProcess> ListenOursAsync(params IEnumerable<string> options) => ListenAsync(PeerProgram.Ours, options);

    private PeerProcess Keep(PeerProcess peer)
    {
        _started.Add(peer);
        return peer;
    }
}
