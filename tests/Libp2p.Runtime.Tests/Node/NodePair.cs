using Libp2p.Connections;

namespace Libp2p.Tests.Host;

/// <summary>A node that listens and one that dials, connected.</summary>
internal sealed class NodePair(Libp2pNode listener, Libp2pNode dialer, IPeerConnection connection) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Libp2pNode Listener { get; } = listener;

    public Libp2pNode Dialer { get; } = dialer;

    /// <summary>The connection, as the dialer has it.</summary>
    public IPeerConnection Connection { get; } = connection;

    public static async Task<NodePair> ConnectAsync(Action<NodeBuilder> listening, Action<NodeBuilder>? dialling = null, string address = "/ip4/127.0.0.1/tcp/0")
    {
        Libp2pNode listener = await Libp2pNode.StartAsync(node =>
        {
            node.Listen(address);
            listening(node);
        });
        Libp2pNode dialer = await Libp2pNode.StartAsync(dialling ?? (_ => { }));
        return await ConnectAsync(listener, dialer);
    }

    /// <summary>Connects two nodes, and waits until both have the connection: the dialer has done before the listener has.</summary>
    public static async Task<NodePair> ConnectAsync(Libp2pNode listener, Libp2pNode dialer)
    {
        using IEventSubscription<ConnectionOpened> opened = listener.Events.Subscribe<ConnectionOpened>();
        IPeerConnection connection = await dialer.ConnectAsync(listener.Addresses[0]);
        await using IAsyncEnumerator<ConnectionOpened> openings = opened.GetAsyncEnumerator();
        Assert.True(await openings.MoveNextAsync().AsTask().WaitAsync(Patience));
        return new NodePair(listener, dialer, connection);
    }

    public ValueTask<P2PStream> OpenAsync(string protocol) => Connection.OpenStreamAsync(new StreamRequest([protocol]), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
    }
}
