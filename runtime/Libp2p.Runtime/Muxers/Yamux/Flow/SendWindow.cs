namespace Libp2p.Muxers.Yamux;

/// <summary>What the remote lets us send on one stream. Only body bytes count.</summary>
internal struct SendWindow(uint initial)
{
    /// <summary>Bytes that may be sent now.</summary>
    public uint Available { get; private set; } = initial;

    /// <summary>Takes credit from the remote; false when the window would pass 2^32 − 1, which ends the session.</summary>
    public bool TryGrant(uint credit)
    {
        if (credit > uint.MaxValue - Available)
        {
            return false;
        }

        Available += credit;
        return true;
    }

    /// <summary>Uses credit; the caller asked <see cref="Available"/> first.</summary>
    public void Take(int bytes) => Available = checked(Available - (uint)bytes);
}
