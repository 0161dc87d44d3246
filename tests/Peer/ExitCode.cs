namespace Libp2p.Peer;

/// <summary>The exit codes of the peer contract.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Unsupported = 3;
}

/// <summary>Something the contract knows and this peer cannot do, so that a harness can tell "cannot" from "failed".</summary>
internal sealed class UnsupportedException(string what) : Exception($"unsupported: {what}")
{
    public string What { get; } = what;
}
