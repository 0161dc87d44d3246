using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>One address of a dial: what became of it so far.</summary>
/// <param name="address">As it was given, or as a name resolved to it.</param>
/// <param name="isInsisted">Whether it is dialled even if it failed a moment ago.</param>
/// <param name="isHearsay">Whether peers told it, and nobody here.</param>
internal sealed class DialCandidate(Multiaddress address, bool isInsisted, bool isHearsay)
{
    public bool IsInsisted => isInsisted;

    public bool IsHearsay => isHearsay;

    /// <summary>Whether it failed a moment ago and is left alone for that.</summary>
    public bool IsLeftAlone { get; set; }

    public Multiaddress Address { get; } = address;

    /// <summary>What the transport dials: the address without its last peer.</summary>
    public Multiaddress Target { get; } = address.WithoutPeer();

    /// <summary>Who must be found there; set when it was admitted.</summary>
    public ExpectedPeer Expected { get; set; }

    /// <summary>What dials it; set when it was admitted.</summary>
    public ITransport? Transport { get; set; }

    /// <summary>How far it got.</summary>
    public DialStage Stage { get; set; }

    /// <summary>Why it failed; null while it has not.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What a name stands for; null until that is known, and for other addresses.</summary>
    public IReadOnlyList<Multiaddress>? Resolved { get; set; }

    /// <summary>Whether a name led to other addresses, which are told in its place.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>The connection it led to, until somebody takes it.</summary>
    public DialledConnection? Connection { get; set; }
}

/// <summary>A connection that is not yet one of the node's.</summary>
internal sealed record DialledConnection(UpgradedConnection Upgraded, IConnectionLease Lease, bool IsAdmitted)
{
    /// <summary>Nobody wants it: another address was faster.</summary>
    public async ValueTask DropAsync()
    {
        Upgraded.Abort(new EndReason(EndedBy.Local, ErrorCode.Supplanted, "Another address was faster"));
        await Upgraded.DisposeAsync();
        Lease.Dispose();
    }
}
