namespace Libp2p.Crypto.Portable;

/// <summary>Our own code for everything: it overrides nothing.</summary>
internal sealed class PortableEngine : CryptoEngine
{
    internal const string LibraryName = "portable";

    public override string Name => LibraryName;
}
