using Libp2p.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of a host's libp2p node.</summary>
public static class Libp2pHealthChecksBuilderExtensions
{
    /// <summary>
    /// Checks the node that <see cref="Libp2pServiceCollectionExtensions.AddLibp2p"/> added: healthy while it runs and listens, degraded
    /// above nine tenths of a ceiling, failed where it does not run or listens nowhere although it was told to.
    /// </summary>
    /// <param name="builder">The host's checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What a failure is reported as; null: unhealthy.</param>
    /// <param name="tags">To choose checks by.</param>
    public static IHealthChecksBuilder AddLibp2p(
        this IHealthChecksBuilder builder, string name = "libp2p", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLibp2p();
        return builder.Add(new HealthCheckRegistration(
            name, static services => new Libp2pHealthCheck(services.GetRequiredService<Libp2pHost>(), services.GetRequiredService<IOptions<Libp2pOptions>>()), failureStatus, tags));
    }
}
