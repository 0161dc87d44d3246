using Microsoft.Extensions.DependencyInjection;

namespace Libp2p.Hosting;

/// <summary>A protocol that a host serves, and with what.</summary>
internal abstract class HandlerRegistration
{
    /// <summary>What serves it. A singleton is made here, so that one that cannot be made fails the start.</summary>
    public abstract IReadOnlyList<StreamHandler> CreateHandlers(IServiceProvider services);
}

/// <inheritdoc/>
internal sealed class HandlerRegistration<TProtocol, THandler>(Protocol<TProtocol> protocol, ServiceLifetime lifetime) : HandlerRegistration
    where TProtocol : class
    where THandler : class, TProtocol
{
    public override IReadOnlyList<StreamHandler> CreateHandlers(IServiceProvider services) => lifetime == ServiceLifetime.Scoped
        ? protocol.CreateHandlers(new ScopedActivator<TProtocol, THandler>(services.GetRequiredService<IServiceScopeFactory>()))
        : protocol.CreateHandlers(services.GetRequiredService<THandler>());
}
