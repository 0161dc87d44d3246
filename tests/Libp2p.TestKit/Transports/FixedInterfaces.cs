using System.Net;
using Libp2p.Services;

namespace Libp2p.TestKit;

/// <summary>The addresses of a machine as a test sets them.</summary>
/// <param name="addresses">Before the first change.</param>
public sealed class FixedInterfaces(params IReadOnlyList<IPAddress> addresses) : INetworkInterfaces
{
    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public IReadOnlyList<IPAddress> Addresses { get; private set; } = addresses;

    /// <summary>An interface comes or goes.</summary>
    public void Change(params IReadOnlyList<IPAddress> now)
    {
        Addresses = now;
        Changed?.Invoke();
    }
}
