using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;

namespace Libp2p.Muxers;

/// <summary>A protocol that carries many streams over one byte link: Yamux. Stateless and thread-safe.</summary>
public interface IMuxer
{
    /// <summary>The id it is negotiated by.</summary>
    ProtocolId Id { get; }

    /// <summary>Starts muxing. Nothing is sent before a stream is opened, except what keeps the session alive.</summary>
    /// <param name="link">The secured link; owned by the result.</param>
    /// <param name="context">Role, seams, and the scope that grants memory.</param>
    IMuxedConnection Attach(IByteLink link, MuxerContext context);
}

/// <summary>What a muxer works with.</summary>
/// <param name="Role">The initiator's streams have odd ids.</param>
/// <param name="Seams">Time, randomness, scheduling.</param>
/// <param name="Scope">Asked before a receive window or a queue grows.</param>
public sealed record MuxerContext(ConnectionRole Role, NodeSeams Seams, IResourceScope Scope);
