using Libp2p.Connections;

namespace Libp2p.Telemetry;

/// <summary>A connection whose bytes are counted.</summary>
internal interface IMeteredConnection : IPeerConnection
{
    /// <summary>Bytes given to the link so far: frames, before encryption.</summary>
    long BytesSent { get; }

    /// <summary>Bytes taken from the link so far: frames, after decryption.</summary>
    long BytesReceived { get; }
}
