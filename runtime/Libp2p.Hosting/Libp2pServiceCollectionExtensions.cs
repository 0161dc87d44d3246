using Libp2p;
using Libp2p.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a libp2p node to a host.</summary>
public static class Libp2pServiceCollectionExtensions
{
    /// <summary>
    /// Adds the host's node, which starts with the host and ends with it: a hosted service, started in the order of registration. Said
    /// several times, all of it goes to the same node. Clock, logs and meters are the container's.
    /// </summary>
    /// <remarks>
    /// The node exists once the host has started it. Inject <see cref="Libp2pHost"/> wherever an object may be made earlier, above all
    /// into hosted services and singletons, and <see cref="Libp2pNode"/> where it cannot: resolving that before the start throws.
    /// Clients of remote peers come from the node.
    /// </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Says what the node is to be; null: nothing yet.</param>
    public static IServiceCollection AddLibp2p(this IServiceCollection services, Action<Libp2pBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<Libp2pOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Libp2pOptions>, Libp2pOptionsValidator>());
        services.TryAddSingleton(static _ => new Libp2pHost());
        services.TryAddSingleton<Libp2pNode>(static provider => provider.GetRequiredService<Libp2pHost>().Node);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NodeService>());
        configure?.Invoke(new Libp2pBuilder(services));
        return services;
    }
}
