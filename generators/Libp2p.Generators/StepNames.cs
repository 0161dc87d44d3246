namespace Libp2p.Generators;

/// <summary>The names of the incremental steps, by which tests see what ran again.</summary>
internal static class StepNames
{
    public const string Model = "Libp2p.Protocol.Model";
}
