using System.ComponentModel;
using System.Text.RegularExpressions;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>A protocol as a value, without its type: for tables and diagnostics.</summary>
public abstract class Protocol
{
    private protected Protocol()
    {
    }

    /// <summary>The interface's name.</summary>
    public abstract string Name { get; }

    /// <summary>The ids of all operations, parameters bound, in the order of declaration.</summary>
    public abstract IReadOnlyList<ProtocolId> Ids { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({string.Join(", ", Ids)})";
}

/// <summary>
/// The protocol declared by <typeparamref name="T"/>: ids, operations, limits, client and dispatcher. The generator adds one to
/// the interface, <c>T.Protocol</c>; <see cref="With(OperationLimits)"/> and binding make variants of it. Immutable and thread-safe.
/// </summary>
/// <typeparam name="T">The declared interface.</typeparam>
public sealed partial class Protocol<T> : Protocol
    where T : class
{
    private readonly ProtocolDefinition<T> _definition;
    private readonly Dictionary<Operation<T>, OperationSettings> _settings;

    /// <summary>The value of a declaration, parameters at their defaults. Generated code calls it.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Protocol(ProtocolDefinition<T> definition)
        : this(definition, definition.Ids, operation => operation.Limits)
    {
    }

    private Protocol(ProtocolDefinition<T> definition, IReadOnlyList<string> templates, Func<Operation<T>, OperationLimits> limits)
    {
        _definition = definition;
        Templates = templates;
        string[] ids = [.. templates.Select(template => IdParameter().Replace(template, match => match.Groups["default"].Value))];
        _settings = definition.Operations.ToDictionary(operation => operation, operation => Bind(definition, operation, ids, Share(definition, limits, operation)));
        Ids = [.. definition.Operations.SelectMany(operation => _settings[operation].Ids).Distinct()];
    }

    /// <inheritdoc/>
    public override string Name => _definition.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<ProtocolId> Ids { get; }

    /// <summary>The operations, in the order of declaration.</summary>
    public IReadOnlyList<Operation<T>> Operations => _definition.Operations;

    /// <summary>What tells operations apart that share an id.</summary>
    internal MessageSelector? Selector => _definition.Selector;

    private IReadOnlyList<string> Templates { get; }

    /// <summary>The operation as this value binds it.</summary>
    /// <param name="operation">The member's name without <c>Async</c>.</param>
    /// <exception cref="ArgumentException">There is no such operation.</exception>
    public OperationSettings Settings(string operation) => _settings[Find(operation)];

    /// <summary>The operation as this value binds it. Generated code calls it.</summary>
    /// <param name="operation">One of <see cref="Operations"/>.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public OperationSettings Settings(Operation<T> operation) => _settings[operation];

    /// <summary>The same protocol with these limits for every operation.</summary>
    public Protocol<T> With(OperationLimits limits) => new(_definition, Templates, _ => limits);

    /// <summary>The same protocol with the limits of one operation changed.</summary>
    /// <param name="operation">The member's name without <c>Async</c>.</param>
    /// <param name="change">Makes the new limits of the old.</param>
    /// <exception cref="ArgumentException">There is no such operation.</exception>
    public Protocol<T> With(string operation, Func<OperationLimits, OperationLimits> change)
    {
        Operation<T> changed = Find(operation);
        return new Protocol<T>(_definition, Templates, one => one == changed ? change(_settings[one].Limits) : _settings[one].Limits);
    }

    /// <summary>The same protocol with a parameter of its ids bound: <c>/{network=ipfs}/kad/1.0.0</c>. Generated extension methods call it.</summary>
    /// <exception cref="ArgumentException">There is no such parameter, or the value would break the id.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Protocol<T> BindParameter(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        if (value.AsSpan().ContainsAny("{}\n") || value.Split('/').Contains(""))
        {
            throw new ArgumentException("A parameter of a protocol id is segments, none empty, without brace or line feed.", nameof(value));
        }

        string[] bound = [.. Templates.Select(template => IdParameter().Replace(template, match => match.Groups["name"].Value == name ? value : match.Value))];
        return bound.SequenceEqual(Templates)
            ? throw new ArgumentException($"The ids of {Name} have no parameter '{name}'.", nameof(name))
            : new Protocol<T>(_definition, bound, operation => _settings[operation].Limits);
    }

    /// <summary>A client that opens its streams with the opener. Does no I/O.</summary>
    public T CreateClient(IStreamOpener opener) => _definition.Client(this, opener);

    /// <summary>What serves inbound streams with the implementation, one handler per id.</summary>
    public IReadOnlyList<StreamHandler> CreateHandlers(T implementation) => CreateHandlers(new SingleInstance<T>(implementation));

    /// <summary>What serves inbound streams, each with the implementation that the activator gives for it, one handler per id.</summary>
    public IReadOnlyList<StreamHandler> CreateHandlers(IHandlerActivator<T> activator) => OperationHandler<T>.Create(this, activator);

    private Operation<T> Find(string name) => Operations.FirstOrDefault(operation => operation.Name == name)
        ?? throw new ArgumentException($"{Name} has no operation '{name}'. It has {string.Join(", ", Operations.Select(operation => operation.Name))}.", nameof(name));

    private static OperationSettings Bind(ProtocolDefinition<T> definition, Operation<T> operation, string[] ids, OperationLimits limits) => new(
        new StreamRequest([.. KnownBy(definition, operation, ids).Select(id => ToId(id, operation.IdSuffix))])
        {
            Limits = operation.PerPeer is { } perPeer ? limits with { OutboundPerPeer = Math.Min(perPeer, limits.OutboundPerPeer) } : limits,
            Connection = operation.Connection,
            ReuseIdle = definition.ReuseIdle,
            Operation = definition.ReuseIdle is null && definition.Operations.Count(other => other.IdSuffix == operation.IdSuffix) > 1 ? operation.Name : null,
            InitiatorWritesFirst = operation.InitiatorWritesFirst,
        });

    /// <summary>
    /// The bounds of an operation as an initiator keeps them: on a kept stream of an id that operations share a responder admits as many
    /// streams as the strictest of them, whichever of them a stream is opened for.
    /// </summary>
    private static OperationLimits Share(ProtocolDefinition<T> definition, Func<Operation<T>, OperationLimits> limits, Operation<T> operation) =>
        definition.ReuseIdle is null
            ? limits(operation)
            : limits(operation) with
            {
                OutboundPerPeer = definition.Operations.Where(other => other.IdSuffix == operation.IdSuffix).Min(other => limits(other).OutboundPerPeer),
            };

    private static ProtocolId ToId(string id, string? suffix) => new(suffix is null ? id : $"{id}/{suffix}");

    /// <summary>The ids, newest first, up to the oldest that knows the operation.</summary>
    private static IEnumerable<string> KnownBy(ProtocolDefinition<T> definition, Operation<T> operation, string[] ids) =>
        operation.Since is { } since ? ids.Take(definition.Ids.ToList().IndexOf(since) + 1) : ids;

    [GeneratedRegex(@"\{(?<name>[A-Za-z_][A-Za-z0-9_]*)=(?<default>[^{}]*)\}")]
    private static partial Regex IdParameter();
}

/// <summary>What the generator knows of a declaration: the table that generated code fills.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ProtocolDefinition<T>
    where T : class
{
    /// <summary>The interface's name.</summary>
    public required string Name { get; init; }

    /// <summary>The ids, newest first, parameters with their defaults in braces.</summary>
    public required IReadOnlyList<string> Ids { get; init; }

    /// <summary>The operations, in the order of declaration.</summary>
    public required IReadOnlyList<Operation<T>> Operations { get; init; }

    /// <summary>Makes a client of a bound protocol.</summary>
    public required Func<Protocol<T>, IStreamOpener, T> Client { get; init; }

    /// <summary>Tells the operations apart that share an id; null where each has its own.</summary>
    public MessageSelector? Selector { get; init; }

    /// <summary>With <see cref="ReuseAttribute"/>: how long an idle stream is used again.</summary>
    public TimeSpan? ReuseIdle { get; init; }
}
