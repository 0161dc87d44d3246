using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Libp2p.Hosting;

/// <summary>Says what the node of a host is to be; see <see cref="Libp2pServiceCollectionExtensions.AddLibp2p"/>.</summary>
public sealed class Libp2pBuilder
{
    internal Libp2pBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Binds <see cref="Libp2pOptions"/> to a section of the configuration. A key that means nothing fails the start: a misspelled
    /// limit is no limit.
    /// </summary>
    public Libp2pBuilder Configure(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Services.AddOptions<Libp2pOptions>().Bind(section, static binder => binder.ErrorOnUnknownConfiguration = true);
        return this;
    }

    /// <summary>Changes the options, after what was said before.</summary>
    public Libp2pBuilder Configure(Action<Libp2pOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Listens on an address; may be said several times.</summary>
    public Libp2pBuilder Listen(string address) => Configure(options => options.Listen.Add(address));

    /// <summary>
    /// Serves a protocol with an implementation from the container, which is registered here unless it is already: one for all streams,
    /// made when the host starts; or one in a scope per call, which is disposed of when the call has ended, however it ended. The calls
    /// of one stream of a protocol with <see cref="ReuseAttribute"/> share a scope.
    /// </summary>
    /// <typeparam name="TProtocol">The declared interface.</typeparam>
    /// <typeparam name="THandler">The class that implements it; it is resolved by this type, never by the interface.</typeparam>
    /// <param name="protocol">The protocol, bound and with the limits that are to apply.</param>
    /// <param name="lifetime"><see cref="ServiceLifetime.Singleton"/>, or <see cref="ServiceLifetime.Scoped"/> for a scope per call.</param>
    /// <exception cref="InvalidOperationException">The class is registered with another lifetime.</exception>
    public Libp2pBuilder Handle<TProtocol, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Protocol<TProtocol> protocol, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TProtocol : class
        where THandler : class, TProtocol
    {
        ArgumentNullException.ThrowIfNull(protocol);
        if (lifetime is not (ServiceLifetime.Singleton or ServiceLifetime.Scoped))
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "A handler is a singleton, or has a scope per call.");
        }

        if (Services.LastOrDefault(service => !service.IsKeyedService && service.ServiceType == typeof(THandler)) is { } known
            && known.Lifetime != lifetime)
        {
            throw new InvalidOperationException($"{typeof(THandler)} is registered as {known.Lifetime}, and cannot serve {protocol} as {lifetime}.");
        }

        Services.TryAdd(ServiceDescriptor.Describe(typeof(THandler), typeof(THandler), lifetime));
        Services.AddSingleton<HandlerRegistration>(new HandlerRegistration<TProtocol, THandler>(protocol, lifetime));
        return this;
    }

    /// <summary>
    /// Says what options cannot: transports, services, gater, peer store. Called when the host starts, after the options were applied.
    /// Listen by the options and not here: addresses of the options are listened on last, when handlers can have the node.
    /// </summary>
    public Libp2pBuilder ConfigureNode(Action<IServiceProvider, NodeBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new NodeConfiguration(configure));
        return this;
    }
}

/// <summary>What the application says to the node's builder.</summary>
internal sealed record NodeConfiguration(Action<IServiceProvider, NodeBuilder> Apply);
