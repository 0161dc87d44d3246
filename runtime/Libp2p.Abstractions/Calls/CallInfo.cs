using Libp2p.Connections;

namespace Libp2p;

/// <summary>What an initiator may learn about one call. One object for one call; read it when the call is over.</summary>
public sealed class CallInfo
{
    /// <summary>The id that was agreed; null before that.</summary>
    public ProtocolId? Protocol { get; internal set; }

    /// <summary>What carried the call; null before a stream was open.</summary>
    public IPeerConnection? Connection { get; internal set; }

    /// <summary>
    /// Messages that the stream took to be sent, whole: of a client stream or duplex call whose remote answered before all were sent, how
    /// many went out. Whether the remote read them is the protocol's affair.
    /// </summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Messages received, whole.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Message bytes written, prefixes included; those of a message that was not sent to its end too.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Message bytes received, prefixes included.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>The time from the first message sent to the first received, without the opening of the stream; null before both.</summary>
    public TimeSpan? RoundTrip { get; internal set; }

    /// <summary>The code the remote reset the stream with, if it did and the muxer carries codes.</summary>
    public ErrorCode RemoteCode { get; internal set; }
}
