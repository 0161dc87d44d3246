using System.Net;
using System.Net.Sockets;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>Names as a test says.</summary>
internal sealed class FakeNames : IDnsResolver
{
    public Dictionary<string, string[]> Hosts { get; } = [];

    public Dictionary<string, string[]> Texts { get; } = [];

    public Func<string, string[]>? AnyText { get; set; }

    public int Questions { get; private set; }

    public ValueTask<IReadOnlyList<IPAddress>> GetAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
    {
        Questions++;
        return Hosts.TryGetValue(name, out string[]? hosts)
            ? ValueTask.FromResult<IReadOnlyList<IPAddress>>([.. hosts.Select(IPAddress.Parse)])
            : throw new IOException($"{name}: unknown");
    }

    public ValueTask<IReadOnlyList<string>> GetTextAsync(string name, CancellationToken cancellationToken)
    {
        Questions++;
        return ValueTask.FromResult<IReadOnlyList<string>>(AnyText?.Invoke(name) ?? Texts.GetValueOrDefault(name) ?? []);
    }
}
