using Libp2p.Node.Connections;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>One address of a dial: what became of it so far.</summary>
/// <param name="address">As it was given, or as a name resolved to it.</param>
/// <param name="isInsisted">Whether it is dialled even if it failed a moment ago.</param>
/// <param name="isHearsay">Whether other peers supplied it.</param>
internal sealed class DialCandidate(Multiaddress address, bool isInsisted, bool isHearsay)
{
    public bool IsInsisted => isInsisted;

    public bool IsHearsay => isHearsay;

    /// <summary>Whether it failed a moment ago and is left alone for that.</summary>
    public bool IsLeftAlone { get; set; }

    /// <summary>Whether it was not admitted: it is only reported.</summary>
    public bool IsRefused { get; set; }

    public Multiaddress Address { get; } = address;

    /// <summary>What the transport dials: the address without its last peer.</summary>
    public Multiaddress Target { get; } = address.WithoutPeer();

    /// <summary>The peer that must be found there; set when it was admitted.</summary>
    public ExpectedPeer Expected { get; set; }

    /// <summary>What dials it; set when it was admitted, unless it is a name.</summary>
    public ITransport? Transport { get; set; }

    /// <summary>Whether it was admitted to be resolved.</summary>
    public bool IsName => Transport is null && Failure is null;

    /// <summary>How far it got.</summary>
    public DialStage Stage { get; set; }

    /// <summary>Why it failed; null while it has not.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The addresses of a name; null until they are known, and for other addresses.</summary>
    public IReadOnlyList<Multiaddress>? Resolved { get; set; }

    /// <summary>Whether a name led to other addresses, which are reported in its place.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>The connection it led to, until the race takes it.</summary>
    public LeasedConnection? Connection { get; set; }
}
