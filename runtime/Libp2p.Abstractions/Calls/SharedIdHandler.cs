using System.Buffers;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>Serves ids that several operations share: the first message of each exchange tells which it is for.</summary>
internal sealed class SharedIdHandler<T> : StreamHandler
    where T : class
{
    private readonly MessageSelector _selector;
    private readonly Operation<T>[] _operations;
    private readonly OperationSettings[] _settings;
    private readonly IHandlerActivator<T> _activator;
    private readonly OperationSettings _shared;
    private readonly MessageFraming _framing;
    private readonly OperationPlaces _places;
    private long _unknown;

    /// <summary>A handler of operations that begin with one message, all delimited alike and on the same connections.</summary>
    public SharedIdHandler(MessageSelector selector, Operation<T>[] operations, OperationSettings[] settings, IHandlerActivator<T> activator)
    {
        if (operations.FirstOrDefault(operation => operation.SharedFraming is null) is { } unfit)
        {
            throw new ArgumentException($"{unfit.Name} does not begin with one message, so it has an id of its own.", nameof(operations));
        }

        if (operations.Any(operation => operation.AccessPolicy != operations[0].AccessPolicy))
        {
            throw new ArgumentException("Operations that share an id admit callers by one policy.", nameof(operations));
        }

        _selector = selector;
        _operations = operations;
        _settings = settings;
        _activator = activator;
        _framing = operations[0].SharedFraming!;
        _shared = new OperationSettings(settings[0].Request with
        {
            Protocols = [.. settings.SelectMany(one => one.Ids).Distinct()],
            Limits = SharedLimits.Of([.. settings.Select(one => one.Limits)], settings[0].Request.ReuseIdle is not null),
        });
        _places = new OperationPlaces([.. settings.Select(one => one.Limits)]);
    }

    public override IReadOnlyList<ProtocolId> Ids => _shared.Ids;

    public override OperationLimits Limits => _shared.Limits;

    public override ConnectionRequirement Connection => _shared.Request.Connection;

    public override string? AccessPolicy => _operations[0].AccessPolicy; // asked before the first message tells which operation it is: all have the same

    public override long UnknownMessages => Volatile.Read(ref _unknown);

    private bool IsReused => _shared.Request.ReuseIdle is not null;

    public override async ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        HandlerActivation<T> activation = await _activator.ActivateAsync(stream);
        await using (activation.Scope)
        {
            await HandleAsync(activation.Handler, stream, cancellationToken);
        }
    }

    private async ValueTask HandleAsync(T handler, P2PStream stream, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(stream, Limits, cancellationToken);
        using MessageReader<ReadOnlySequence<byte>> reader = new(stream, Codec.Sequence, _framing, Limits.MaxRequest, exchange);
        OperationPlaces.Place? place = IsReused ? null : _places.Enter(stream); // a reused stream is for all of them until it ends
        try
        {
            while (await reader.ReadRequestAsync(_shared) is { HasMessage: true } first)
            {
                int selected = Select(first.Message, stream);
                OperationSettings settings = _settings[selected];
                place?.Take(selected);
                exchange.Rebound(settings.Limits);
                if (!await _operations[selected].ServeWatchedAsync(handler, new FirstMessage(first.Message, reader, stream, settings, exchange)) || !IsReused)
                {
                    return;
                }

                exchange.Rebound(Limits);
            }
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    /// <summary>The operation that the message selects, and that the agreed id knows.</summary>
    private int Select(ReadOnlySequence<byte> message, P2PStream stream)
    {
        int value = _selector.Select(message);
        int selected = Array.FindIndex(_operations, operation => operation.Selects.Contains(value));
        if (selected >= 0 && _settings[selected].Ids.Contains(stream.Protocol))
        {
            return selected;
        }

        Interlocked.Increment(ref _unknown);
        throw new ProtocolViolationException($"{stream.Protocol}: a first message of kind {value}, which is none of its operations");
    }
}
