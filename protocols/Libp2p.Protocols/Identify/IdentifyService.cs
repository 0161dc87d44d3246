using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Services;
using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// Identify and identify push: answers who we are, asks each new connection's peer who it is, tells peers when something of ours has
/// changed, and takes such news from them. What peers say goes to the peer store and is told as <see cref="PeerIdentified"/>,
/// <see cref="PeerProtocolsChanged"/> and <see cref="AddressObserved"/>. See docs/identify.md.
/// </summary>
/// <remarks>For one node. Thread-safe.</remarks>
public sealed class IdentifyService : INodeService
{
    private const int MaxForgotten = 1024; // connections that have ended and were not forgotten

    private readonly IdentifyOptions _options;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskSet _running = new();
    private readonly List<IDisposable> _held = [];
    private IdentifyKnowledge? _knowledge;

    /// <summary>A service for one node.</summary>
    public IdentifyService(IdentifyOptions? options = null)
    {
        _options = options ?? new IdentifyOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxConcurrentPushes, 1, nameof(options));
    }

    /// <inheritdoc/>
    public string Name => "identify";

    /// <summary>The addresses at which others see us, most observers first.</summary>
    public IReadOnlyList<ObservedAddress> ObservedAddresses => _knowledge?.Observed.Current ?? [];

    /// <inheritdoc/>
    public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
    {
        ILogger log = node.Logging.CreateLogger<IdentifyService>();
        LocalDescription description = new(node, _options);
        IdentifyKnowledge knowledge = new(node, _options, log);
        IdentifyPushes pushes = new(node, description, _options, log);
        _knowledge = knowledge;

        _held.Add(node.Handlers.Add(IIdentify.Protocol.CreateHandlers(new IdentifyHandler(description))));
        _held.Add(node.Handlers.Add(IIdentifyPush.Protocol.CreateHandlers(new IdentifyPushHandler(knowledge, new SubnetRates(node.Seams.Time)))));

        IEventSubscription<ConnectionOpened> opened = node.Events.Subscribe<ConnectionOpened>();
        IEventSubscription<ProtocolsChanged> protocols = node.Events.Subscribe<ProtocolsChanged>(capacity: 1);
        IEventSubscription<AddressesChanged> addresses = node.Events.Subscribe<AddressesChanged>(capacity: 1);
        _held.AddRange([opened, protocols, addresses]);
        _running.TryRun(() => AskAsync(node, opened, knowledge));
        _running.TryRun(() => pushes.WatchAsync(protocols));
        _running.TryRun(() => pushes.WatchAsync(addresses));
        _running.TryRun(() => pushes.RunAsync(_closing.Token));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        foreach (IDisposable held in Enumerable.Reverse(_held))
        {
            held.Dispose();
        }

        await _running.CloseAsync();
    }

    // One question for each connection, however many open at once: connections are bounded, and so are the questions.
    private async Task AskAsync(NodeContext node, IEventSubscription<ConnectionOpened> opened, IdentifyKnowledge knowledge)
    {
        HashSet<long> asked = []; // what may come twice when events were missed
        int forgetAt = MaxForgotten;
        long missed = 0;
        await foreach (ConnectionOpened next in opened)
        {
            Ask(next.Connection);
            if (opened.Missed != missed || asked.Count > forgetAt)
            {
                missed = opened.Missed;
                IReadOnlyList<IPeerConnection> open = node.Dialer.Connections;
                asked.IntersectWith(open.Select(known => known.Id));
                forgetAt = MaxForgotten + (2 * asked.Count);
                foreach (IPeerConnection known in open)
                {
                    Ask(known);
                }
            }
        }

        void Ask(IPeerConnection connection)
        {
            if (!connection.Completion.IsCompleted && asked.Add(connection.Id))
            {
                _running.TryRun(() => knowledge.AskAsync(connection, _closing.Token));
            }
        }
    }
}
