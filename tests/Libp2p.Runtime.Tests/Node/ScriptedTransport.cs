using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Dials any address as a test says: nowhere, with a failure, or after a while to a listener in memory. Logs when.</summary>
internal sealed class ScriptedTransport(SimulationRun run, MemoryTransport memory) : ILinkTransport
{
    private readonly Dictionary<string, (Multiaddress? To, TimeSpan After)> _routes = [];

    public string Name => "scripted";

    /// <summary>Dials that are going on.</summary>
    public int Active { get; private set; }

    /// <summary>The most there were at one time.</summary>
    public int MostActive { get; private set; }

    /// <summary>An address that leads to a listener in memory.</summary>
    public ScriptedTransport Route(string address, string to, int afterMilliseconds = 0)
    {
        _routes[address] = (Multiaddress.Parse(to), TimeSpan.FromMilliseconds(afterMilliseconds));
        return this;
    }

    /// <summary>An address where nothing answers, ever or for a while.</summary>
    public ScriptedTransport Hole(string address, int failsAfterMilliseconds = -1)
    {
        _routes[address] = (null, TimeSpan.FromMilliseconds(failsAfterMilliseconds));
        return this;
    }

    public bool CanDial(Multiaddress address) => _routes.ContainsKey(address.ToString());

    public bool CanListen(Multiaddress address) => memory.CanListen(address);

    public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken)
    {
        string address = dial.Address.ToString();
        run.Log($"dialling {address}");
        MostActive = Math.Max(MostActive, ++Active);
        try
        {
            (Multiaddress? to, TimeSpan after) = _routes[address];
            await Task.Delay(after, run.Time, cancellationToken);
            return to is null ? throw new IOException("nobody there") : await memory.DialAsync(dial with { Address = to }, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            run.Log($"gave up {address}");
            throw;
        }
        finally
        {
            Active--;
        }
    }

    public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
        memory.ListenAsync(address, cancellationToken);
}
