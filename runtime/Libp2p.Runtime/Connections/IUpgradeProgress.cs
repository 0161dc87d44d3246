using Libp2p.Security;

namespace Libp2p.Connections;

/// <summary>Told how far an upgrade has come. The scope of an <see cref="UpgradeRequest"/> that wants to know is one: a lease does.</summary>
internal interface IUpgradeProgress
{
    /// <summary>The upgrade begins this step.</summary>
    void Reached(DialStage stage, ExpectedPeer expectedPeer);
}
