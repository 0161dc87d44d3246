namespace Libp2p.Connections;

/// <summary>An upgrade was cancelled, or its time was over: tells in which step.</summary>
internal sealed class UpgradeCanceledException(DialStage stage, OperationCanceledException cause)
    : OperationCanceledException($"The upgrade was cancelled in {stage}", cause, cause.CancellationToken)
{
    /// <summary>The step.</summary>
    public DialStage Stage { get; } = stage;
}
