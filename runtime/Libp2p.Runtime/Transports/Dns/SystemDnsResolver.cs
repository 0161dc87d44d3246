using System.Net;
using System.Net.Sockets;

namespace Libp2p.Transports;

/// <summary>The operating system's resolver. It knows hosts and their addresses, not TXT records, so it cannot resolve <c>/dnsaddr</c>.</summary>
public sealed class SystemDnsResolver : IDnsResolver
{
    private SystemDnsResolver()
    {
    }

    /// <summary>The one there is; it holds no state.</summary>
    public static SystemDnsResolver Instance { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IPAddress>> GetAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name, family, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException($"{name}: {e.Message}", e);
        }
    }
}
