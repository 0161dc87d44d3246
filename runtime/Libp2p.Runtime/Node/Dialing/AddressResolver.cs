using System.Net;
using System.Net.Sockets;
using Libp2p.Scheduling;
using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>
/// Turns an address that starts with a name into those it stands for (https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md).
/// Bounded in depth, look-ups and results, because whoever owns a name decides what it leads to.
/// </summary>
internal sealed class AddressResolver(IDnsResolver dns, AbandonedWork abandoned)
{
    /// <summary>How often a <c>/dnsaddr</c> may lead to another name.</summary>
    public const int MaxDepth = 4;

    /// <summary>Questions asked for one address.</summary>
    public const int MaxLookups = 32;

    /// <summary>Addresses that one address may stand for.</summary>
    public const int MaxResults = 32;

    /// <summary>Look-ups of the node at the same time, those included that no dial waits for any more. Further ones wait.</summary>
    public const int MaxConcurrent = 8;

    /// <summary>Of those, look-ups of names that peers supplied.</summary>
    public const int MaxConcurrentHearsay = 4;

    private const string Prefix = "dnsaddr=";

    private readonly Turnstile _all = new(MaxConcurrent);
    private readonly Turnstile _hearsay = new(MaxConcurrentHearsay);

    /// <summary>What the address stands for: at least one address, none of which starts with a name.</summary>
    /// <param name="address">An address that starts with a name.</param>
    /// <param name="isHearsay">Whether peers supplied it.</param>
    /// <param name="cancellationToken">Ends the wait; a look-up that ignores it is left behind.</param>
    /// <exception cref="IOException">There is none.</exception>
    public async ValueTask<IReadOnlyList<Multiaddress>> ResolveAsync(Multiaddress address, bool isHearsay, CancellationToken cancellationToken)
    {
        List<Multiaddress> found = [];
        HashSet<Multiaddress> asked = [address]; // only looked up, never enumerated
        Queue<(Multiaddress Address, int Depth)> names = new([(address, 0)]);
        Exception? failure = null;
        for (int lookups = 0; lookups < MaxLookups && found.Count < MaxResults && names.TryDequeue(out (Multiaddress Address, int Depth) next); lookups++)
        {
            try
            {
                foreach (Multiaddress answer in await LookUpAsync(next.Address, isHearsay, cancellationToken))
                {
                    if (!answer.StartsWithName)
                    {
                        found.Add(answer);
                    }
                    else if (next.Depth < MaxDepth && asked.Add(answer))
                    {
                        names.Enqueue((answer, next.Depth + 1));
                    }
                }
            }
            catch (Exception e) when (e is IOException or NotSupportedException)
            {
                failure ??= e;
            }
        }

        return found.Count > 0 ? [.. found.Distinct().Take(MaxResults)] : throw failure ?? new IOException("the name leads to no address");
    }

    /// <summary>
    /// What is left of the addresses that a name stands for which peers told: whoever owns a public name could have us dial services of
    /// this machine, or of this link, which often tell secrets.
    /// </summary>
    /// <exception cref="IOException">Nothing is left.</exception>
    public static IReadOnlyList<Multiaddress> NotThisMachine(Multiaddress name, IReadOnlyList<Multiaddress> resolved)
    {
        if (name.Reach == MultiaddressReach.Loopback)
        {
            return resolved; // localhost says what it is
        }

        Multiaddress[] left =
        [
            .. resolved.Where(address => address.Reach is not (MultiaddressReach.Loopback or MultiaddressReach.LinkLocal or MultiaddressReach.Unspecified)),
        ];
        return left.Length > 0 ? left : throw new IOException("a peer told the name, and it leads to this machine or link");
    }

    /// <summary>Asks within the bounds. The place is held until the resolver returns, also when it ignores the token.</summary>
    private async Task<IEnumerable<Multiaddress>> LookUpAsync(Multiaddress address, bool isHearsay, CancellationToken cancellationToken)
    {
        Turnstile first = isHearsay ? _hearsay : _all;
        await first.EnterAsync(cancellationToken);
        try
        {
            await (isHearsay ? _all.EnterAsync(cancellationToken) : ValueTask.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            first.Leave();
            throw;
        }

        return await abandoned.WaitAsync($"The look-up of {address}", AskAndLeaveAsync(), cancellationToken);

        async Task<IEnumerable<Multiaddress>> AskAndLeaveAsync()
        {
            try
            {
                return await AskAsync(address, cancellationToken);
            }
            finally
            {
                _all.Leave();
                if (isHearsay)
                {
                    _hearsay.Leave();
                }
            }
        }
    }

    private async ValueTask<IEnumerable<Multiaddress>> AskAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        string name = address[0].ValueText;
        Multiaddress rest = address.Slice(1, address.Count - 1);
        if (address[0].Code == MultiaddressCode.DnsAddr)
        {
            return Referred(await dns.GetTextAsync($"_dnsaddr.{name}", cancellationToken), rest);
        }

        AddressFamily family = address[0].Code switch
        {
            MultiaddressCode.Dns4 => AddressFamily.InterNetwork,
            MultiaddressCode.Dns6 => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        IReadOnlyList<IPAddress> hosts = await dns.GetAddressesAsync(name, family, cancellationToken);
        return hosts
            .Where(host => family == AddressFamily.Unspecified || host.AddressFamily == family)
            .Take(MaxResults)
            .Select(host => new IPAddress(host.GetAddressBytes())) // without a scope, which would not be the name owner's to say
            .Select(host => Multiaddress.Parse(host.AddressFamily == AddressFamily.InterNetwork ? $"/ip4/{host}" : $"/ip6/{host}").Encapsulate(rest));
    }

    /// <summary>The addresses in TXT records that end with what followed the name; all else in the records is somebody else's.</summary>
    private static IEnumerable<Multiaddress> Referred(IReadOnlyList<string> records, Multiaddress suffix)
    {
        foreach (string record in records.Take(MaxResults))
        {
            if (record.StartsWith(Prefix, StringComparison.Ordinal)
                && Multiaddress.TryParse(record[Prefix.Length..], out Multiaddress? address)
                && address.Count >= suffix.Count
                && address.Slice(address.Count - suffix.Count, suffix.Count) == suffix)
            {
                yield return address;
            }
        }
    }
}
