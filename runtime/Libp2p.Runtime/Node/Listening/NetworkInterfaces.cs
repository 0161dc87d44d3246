using System.Net;
using System.Net.NetworkInformation;
using Libp2p.Scheduling;
using Libp2p.Services;

namespace Libp2p.Node.Listening;

/// <summary>
/// The machine's addresses, read when a listener first asks, whenever the operating system reports a change, and every few seconds where it
/// reports none. Reading takes a file descriptor and time, so it happens here and never where addresses are asked for. Thread-safe.
/// </summary>
/// <param name="seams">The node's.</param>
internal sealed class NetworkInterfaces(NodeSeams seams) : INetworkInterfaces, IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private IReadOnlyList<IPAddress>? _addresses;
    private Action? _changed;
    private ITimer? _timer;
    private bool _isDisposed;

    public event Action? Changed
    {
        add
        {
            lock (_lock)
            {
                _changed += value;
                Watch();
            }
        }

        remove
        {
            lock (_lock)
            {
                _changed -= value;
            }
        }
    }

    public IReadOnlyList<IPAddress> Addresses => Volatile.Read(ref _addresses) ?? Initialize();

    public void Dispose()
    {
        ITimer? timer;
        lock (_lock)
        {
            _isDisposed = true;
            (timer, _timer) = (_timer, null);
        }

        if (timer is not null)
        {
            NetworkChange.NetworkAddressChanged -= OnSystemChange;
            timer.Dispose();
        }
    }

    /// <summary>Reads the addresses again, and reports a change.</summary>
    internal void Refresh()
    {
        Action? changed;
        IReadOnlyList<IPAddress>? read = TryRead();
        lock (_lock)
        {
            if (_isDisposed || read is null || _addresses is null || read.SequenceEqual(_addresses))
            {
                return;
            }

            _addresses = read;
            changed = _changed;
        }

        changed?.Invoke();
    }

    /// <summary>Under the lock: begins to watch, once.</summary>
    private void Watch()
    {
        if (_timer is null && !_isDisposed)
        {
            _timer = seams.Time.CreateTimer(static self => ((NetworkInterfaces)self!).Enqueue(), this, s_period, s_period);
            NetworkChange.NetworkAddressChanged += OnSystemChange;
        }
    }

    private void OnSystemChange(object? sender, EventArgs e) => Enqueue();

    private void Enqueue() => seams.Scheduler.Schedule(static self => ((NetworkInterfaces)self!).Refresh(), this);

    private IReadOnlyList<IPAddress> Initialize()
    {
        IReadOnlyList<IPAddress> read = TryRead() ?? [];
        return Interlocked.CompareExchange(ref _addresses, read, null) ?? read;
    }

    /// <summary>The addresses; null where they cannot be read now, as without file descriptors.</summary>
    private static IReadOnlyList<IPAddress>? TryRead()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(nic => nic.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                    .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
                    .Select(unicast => unicast.Address)
                    .Distinct(),
            ];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
