namespace Libp2p.Muxers.Yamux;

/// <summary>How the writer ends.</summary>
/// <param name="DrainsData">What was flushed and fits the windows is sent first.</param>
/// <param name="GoAway">The code of the GoAway that comes last, or null for none.</param>
internal readonly record struct Farewell(bool DrainsData, uint? GoAway)
{
    /// <summary>At once, without a word.</summary>
    public static readonly Farewell None;

    /// <summary>Data, then nothing: the remote said goodbye.</summary>
    public static readonly Farewell AfterData = new(DrainsData: true, GoAway: null);

    /// <summary>Data, then GoAway.</summary>
    public static Farewell InOrder(uint code) => new(DrainsData: true, code);

    /// <summary>GoAway at once.</summary>
    public static Farewell Now(uint code) => new(DrainsData: false, code);
}
