namespace Libp2p;

/// <summary>The lease of a store that protects no peer.</summary>
internal sealed class NoProtection : IDisposable
{
    public static readonly NoProtection Instance = new();

    public void Dispose()
    {
    }
}
