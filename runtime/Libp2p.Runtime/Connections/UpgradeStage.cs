namespace Libp2p.Connections;

/// <summary>How far an upgrade had come when it ended without a connection.</summary>
internal static class UpgradeStage
{
    /// <summary>The step in which the upgrade failed or was cancelled; null where the exception is not an upgrade's.</summary>
    public static DialStage? Of(Exception failure) => failure switch
    {
        UpgradeException failed => failed.Stage,
        UpgradeCanceledException cancelled => cancelled.Stage,
        _ => null,
    };
}
