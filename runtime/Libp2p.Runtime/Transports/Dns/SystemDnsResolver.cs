using System.Net;
using System.Net.Sockets;

namespace Libp2p.Transports;

/// <summary>
/// The operating system's resolver. It knows hosts and their addresses, not TXT records, so it cannot resolve <c>/dnsaddr</c>. The system's
/// look-up blocks and heeds no token on most platforms, so each runs on a thread of its own and not on the thread pool; the caller bounds
/// how many run.
/// </summary>
public sealed class SystemDnsResolver : IDnsResolver
{
    private SystemDnsResolver()
    {
    }

    /// <summary>The only instance; it holds no state.</summary>
    public static SystemDnsResolver Instance { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IPAddress>> GetAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return OperatingSystem.IsBrowser() || OperatingSystem.IsWindows() // no threads, or a look-up that does not block
                ? await Dns.GetHostAddressesAsync(name, family, cancellationToken)
                : await LookUpAsync(name, family);
        }
        catch (SocketException e)
        {
            throw new IOException($"{name}: {e.Message}", e);
        }
    }

    private static Task<IPAddress[]> LookUpAsync(string name, AddressFamily family)
    {
        TaskCompletionSource<IPAddress[]> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() => LookUp(name, family, found)) { IsBackground = true, Name = "libp2p name look-up" };
        thread.UnsafeStart(); // without the caller's execution context
        return found.Task;
    }

    private static void LookUp(string name, AddressFamily family, TaskCompletionSource<IPAddress[]> found)
    {
        try
        {
            found.SetResult(Dns.GetHostAddresses(name, family));
        }
        catch (Exception e) // on a thread without a caller: everything belongs to the task
        {
            found.SetException(e);
        }
    }
}
