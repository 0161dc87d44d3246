using System.Diagnostics.CodeAnalysis;

namespace Libp2p;

/// <content>From URLs.</content>
public sealed partial class Multiaddress
{
    /// <summary>
    /// Writes an <c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c> URL as an address, <c>wss://example.com</c> as
    /// <c>/dns/example.com/tcp/443/wss</c>.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> for other schemes, and where something would be lost: a user, a path, a query or a fragment.
    /// </returns>
    public static bool TryFromUri(Uri uri, [NotNullWhen(true)] out Multiaddress? address)
    {
        ArgumentNullException.ThrowIfNull(uri);
        address = null;

        if (!uri.IsAbsoluteUri
            || uri.Scheme is not ("http" or "https" or "ws" or "wss")
            || uri.UserInfo.Length > 0
            || uri.PathAndQuery is not ("" or "/")
            || uri.Fragment.Length > 0)
        {
            return false;
        }

        string? host = uri.HostNameType switch
        {
            UriHostNameType.IPv4 => $"/ip4/{uri.IdnHost}",
            UriHostNameType.IPv6 => $"/ip6/{uri.IdnHost}",
            UriHostNameType.Dns => $"/dns/{uri.IdnHost}",
            _ => null,
        };

        return host is not null && TryParse($"{host}/tcp/{uri.Port}/{uri.Scheme}", out address);
    }
}
