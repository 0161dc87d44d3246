namespace Libp2p.Muxers.Yamux;

/// <summary>What the writer still sends when the session ends.</summary>
/// <param name="DrainsData">What was flushed and fits the windows is sent first.</param>
/// <param name="GoAway">The code of the GoAway that comes last, or null for none.</param>
internal readonly record struct WriterEnding(bool DrainsData, uint? GoAway)
{
    /// <summary>Nothing.</summary>
    public static readonly WriterEnding AtOnce;

    /// <summary>Data, and no GoAway: the remote has sent one.</summary>
    public static readonly WriterEnding AfterData = new(DrainsData: true, GoAway: null);

    /// <summary>Data, then GoAway.</summary>
    public static WriterEnding InOrder(uint code) => new(DrainsData: true, code);

    /// <summary>GoAway alone.</summary>
    public static WriterEnding GoAwayAtOnce(uint code) => new(DrainsData: false, code);
}
