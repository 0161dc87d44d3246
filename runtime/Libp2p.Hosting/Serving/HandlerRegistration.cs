using Microsoft.Extensions.DependencyInjection;

namespace Libp2p.Hosting;

/// <summary>A protocol that a host serves, and with what.</summary>
internal abstract class HandlerRegistration
{
    /// <summary>What serves it. A singleton is made here, so that one that cannot be made fails the start.</summary>
    public abstract IReadOnlyList<StreamHandler> CreateHandlers(IServiceProvider services, ServedCalls calls);
}

/// <inheritdoc/>
internal sealed class HandlerRegistration<TProtocol, THandler>(Protocol<TProtocol> protocol, ServiceLifetime lifetime) : HandlerRegistration
    where TProtocol : class
    where THandler : class, TProtocol
{
    public override IReadOnlyList<StreamHandler> CreateHandlers(IServiceProvider services, ServedCalls calls) =>
        protocol.CreateHandlers(lifetime == ServiceLifetime.Scoped
            ? new ScopedActivator<TProtocol, THandler>(services.GetRequiredService<IServiceScopeFactory>(), calls)
            : new SingletonActivator<TProtocol>(services.GetRequiredService<THandler>(), calls));
}
