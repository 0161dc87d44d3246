using Libp2p.Negotiation;

namespace Libp2p.Node.Streams;

/// <summary>
/// What one connection's remote is known to speak: what was agreed on the connection, and what the remote told (identify). Decides
/// which protocol may be proposed without waiting for the answer. Thread-safe.
/// </summary>
internal sealed class PeerProtocols
{
    // What the remote tells is bounded on its own, so that it leaves room for what was agreed and refused here.
    private const int MaxTold = 1024, MaxKnown = 2 * MaxTold;

    private readonly Lock _lock = new();
    private Dictionary<ProtocolId, bool> _known = []; // false: refused
    private bool _isComplete; // what is not in it is not spoken
    private volatile bool _takesEarlyEnd;

    /// <summary>Whether the remote promises to take an end of stream in one flight with a proposal.</summary>
    public bool TakesEarlyEnd => _takesEarlyEnd;

    /// <summary>What the remote supports, as far as it is known, in no order.</summary>
    public IReadOnlyList<ProtocolId> Supported
    {
        get
        {
            lock (_lock)
            {
                return [.. _known.Where(one => one.Value && one.Key != EarlyEnd.Id).Select(one => one.Key)];
            }
        }
    }

    /// <summary>
    /// The offer that the remote would agree to, if that is certain enough: the first that it speaks, when it is known to refuse those
    /// before it. Null: ask.
    /// </summary>
    public ProtocolId? Choose(IReadOnlyList<ProtocolId> offers)
    {
        lock (_lock)
        {
            foreach (ProtocolId offer in offers)
            {
                if (!_known.TryGetValue(offer, out bool isSpoken) && !_isComplete)
                {
                    return null;
                }

                if (isSpoken)
                {
                    return offer;
                }
            }
        }

        return null;
    }

    /// <summary>The remote agreed to one of these offers, so it refused those before it.</summary>
    public void Agreed(IReadOnlyList<ProtocolId> offers, ProtocolId agreed)
    {
        lock (_lock)
        {
            foreach (ProtocolId offer in offers)
            {
                Set(offer, offer == agreed);
                if (offer == agreed)
                {
                    return;
                }
            }
        }
    }

    /// <summary>The remote refused this one, whatever it told before.</summary>
    public void Refused(ProtocolId offer)
    {
        lock (_lock)
        {
            Set(offer, false);
        }
    }

    /// <summary>The remote told all that it speaks, or it is told of it.</summary>
    public void Told(IReadOnlyList<ProtocolId> protocols)
    {
        lock (_lock)
        {
            _known = new Dictionary<ProtocolId, bool>(protocols.Count);
            _isComplete = true;
            _takesEarlyEnd = protocols.Contains(EarlyEnd.Id);
            foreach (ProtocolId protocol in protocols.Take(MaxTold))
            {
                Set(protocol, true);
            }
        }
    }

    /// <summary>What an earlier connection was told. What this one knows by itself is fresher.</summary>
    public void Recalled(IReadOnlyList<ProtocolId> protocols)
    {
        lock (_lock)
        {
            if (_isComplete)
            {
                return;
            }

            _isComplete = true;
            _takesEarlyEnd = protocols.Contains(EarlyEnd.Id);
            foreach (ProtocolId protocol in protocols.Take(MaxTold).Where(protocol => !_known.ContainsKey(protocol)))
            {
                Set(protocol, true);
            }
        }
    }

    private void Set(ProtocolId protocol, bool isSpoken)
    {
        if (_known.Count < MaxKnown || _known.ContainsKey(protocol))
        {
            _known[protocol] = isSpoken;
        }
    }
}
