using Libp2p.Security;

namespace Libp2p.Limits;

/// <summary>Receives how far an upgrade has come. A scope that wants to know implements it: a connection's lease does.</summary>
internal interface IHandshakeProgress
{
    /// <summary>The upgrade begins this step.</summary>
    void Reached(DialStage stage, ExpectedPeer expectedPeer);
}
