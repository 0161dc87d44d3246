using System.Text.Json.Nodes;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Pairing;

/// <summary>How two nodes are started.</summary>
internal sealed record PairOptions
{
    /// <summary>Options of the listener alone.</summary>
    public IReadOnlyList<string> Listener { get; init; } = [];

    /// <summary>Options of both.</summary>
    public IReadOnlyList<string> Both { get; init; } = [];

    /// <summary>Options of ours, in either role; the others may not have them.</summary>
    public IReadOnlyList<string> Ours { get; init; } = [];

    public IEnumerable<string> For(string name) => name == PeerProgram.Ours ? [.. Both, .. Ours] : Both;
}

/// <summary>Two nodes of which one is asked to do something with the other. Both listen, as only then commands can be sent to them.</summary>
internal sealed class PeerPair(PeerProcess dialer, PeerProcess listener) : IAsyncDisposable
{
    public PeerProcess Dialer { get; } = dialer;

    public PeerProcess Listener { get; } = listener;

    /// <summary>The one that is ours; the dialer where both are.</summary>
    public PeerProcess Ours => Dialer.Name == PeerProgram.Ours ? Dialer : Listener;

    public static async Task<PeerPair> StartAsync(string dialer, string listener, PairOptions options)
    {
        Task<PeerProcess> dialing = PeerProcess.ListenAsync(PeerProgram.Named(dialer), options.For(dialer));
        try
        {
            PeerProcess listening = await PeerProcess.ListenAsync(PeerProgram.Named(listener), [.. options.For(listener), .. options.Listener]);
            return new PeerPair(await dialing, listening);
        }
        catch
        {
            await (await dialing).DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets the dialer do something with the listener; it must succeed.</summary>
    public Task<PeerEvent> DoAsync(string command, params (string Name, JsonNode? Value)[] arguments) =>
        Dialer.DoAsync(command, [("peer", Listener.Address), .. arguments]);

    /// <summary>Lets the dialer try something with the listener; the reply may be bad.</summary>
    public Task<PeerEvent> TryAsync(string command, params (string Name, JsonNode? Value)[] arguments) =>
        Dialer.AskAsync(command, [("peer", Listener.Address), .. arguments]);

    /// <summary>Connects, and waits until the listener knows.</summary>
    public async Task ConnectAsync()
    {
        await DoAsync("dial");
        await Listener.EventAsync("connection-open", opened => opened.Text("peer") == Dialer.Id);
    }

    /// <summary>What both said last, and what our nodes were doing.</summary>
    public async Task<string> DescribeAsync() => $"{Dialer.Transcript}{await StateOfAsync(Dialer)}{Listener.Transcript}{await StateOfAsync(Listener)}";

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
    }

    private static async Task<string> StateOfAsync(PeerProcess peer)
    {
        if (peer.Name != PeerProgram.Ours)
        {
            return string.Empty;
        }

        try
        {
            return $"  state:\n{(await peer.AskAsync("state")).Text("state")}\n";
        }
        catch (Exception e) // we are already telling of a failure
        {
            return $"  state: {e.Message}\n";
        }
    }
}
