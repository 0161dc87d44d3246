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

    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(30);

    private readonly IdentifyOptions _options;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskSet _running = new();
    private readonly List<IDisposable> _held = [];
    private IdentifyKnowledge? _knowledge;
    private LocalDescription? _description;

    /// <summary>A service for one node.</summary>
    public IdentifyService(IdentifyOptions? options = null)
    {
        _options = options ?? new IdentifyOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxConcurrentPushes, 1, nameof(options));
        ThrowUnlessLifetime(_options.AddressLifetime, nameof(IdentifyOptions.AddressLifetime));
        ThrowUnlessLifetime(_options.ObservationLifetime, nameof(IdentifyOptions.ObservationLifetime));
        ThrowUnlessPause(_options.PushDelay, nameof(IdentifyOptions.PushDelay));
        ThrowUnlessPause(_options.PushInterval, nameof(IdentifyOptions.PushInterval));
    }

    /// <inheritdoc/>
    public string Name => "identify";

    /// <summary>The addresses at which others see us, most observers first.</summary>
    public IReadOnlyList<ObservedAddress> ObservedAddresses => _knowledge?.Observed.Current ?? [];

    /// <summary>What the node's own description leaves out because it does not fit one message; also a warning in the log.</summary>
    public IdentifyOmissions Omitted => _description?.Omitted ?? IdentifyOmissions.None;

    /// <inheritdoc/>
    public string? Condition => Omitted is { IsNothing: false } omitted
        ? $"the description leaves out {omitted.Protocols.Count} protocols and {omitted.Addresses} addresses for want of room"
        : null;

    /// <inheritdoc/>
    public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
    {
        ILogger log = node.Logging.CreateLogger<IdentifyService>();
        LocalDescription description = new(node, _options, log);
        IdentifyKnowledge knowledge = new(node, _options, log);
        IdentifyPushes pushes = new(node, description, _options, log);
        (_knowledge, _description) = (knowledge, description);
        node.Events.Provide(() => _closing.IsCancellationRequested ? [] : knowledge.Identified);
        node.Events.Provide(() => _closing.IsCancellationRequested ? [] : knowledge.Observations);

        _held.Add(node.Handlers.Add(IIdentify.Protocol.CreateHandlers(new IdentifyHandler(description))));
        _held.Add(node.Handlers.Add(IIdentifyPush.Protocol.CreateHandlers(new IdentifyPushHandler(knowledge, new SubnetRates(node.Seams.Time)))));

        IEventSubscription<ConnectionOpened> opened = node.Events.Subscribe<ConnectionOpened>();
        IEventSubscription<NodeEvent> events = node.Events.Subscribe<NodeEvent>();
        _held.AddRange([opened, events]);
        _running.TryRun(() => AskAsync(node, opened, knowledge));
        _running.TryRun(() => pushes.WatchAsync(events));
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

    private static void ThrowUnlessLifetime(TimeSpan lifetime, string name)
    {
        if (lifetime < TimeSpan.Zero && lifetime != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, lifetime, "A lifetime is not negative; Timeout.InfiniteTimeSpan is for ever.");
        }
    }

    // Longer ones do not fit the platform's timers.
    private static void ThrowUnlessPause(TimeSpan pause, string name)
    {
        if (pause < TimeSpan.Zero || pause > s_longestPause)
        {
            throw new ArgumentOutOfRangeException(name, pause, $"A pause before a push is between zero and {s_longestPause.TotalDays:0} days.");
        }
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
