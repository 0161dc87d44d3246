using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Security.Plaintext;
using Libp2p.Security.Tls;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security;

/// <summary>Noise by the contract of security protocols.</summary>
public sealed class NoiseContractTests : SecurityContract
{
    protected override SecurityFeatures Features =>
        SecurityFeatures.Authenticates | SecurityFeatures.Protects | SecurityFeatures.HasRoles | SecurityFeatures.MixesPrologue
        | SecurityFeatures.CarriesExtensions | SecurityFeatures.HalfCloses;

    protected override int MostBeforeAuthentication => 8 * Size.KiB;

    protected override ISecurityProtocol Create(ulong seed) => new NoiseSecurity(CryptoEngine.Default, TestIdentity.Verifier, new SeededRandomSource(seed));
}

/// <summary>Noise with the portable crypto of a browser.</summary>
public sealed class PortableNoiseContractTests : SecurityContract
{
    protected override SecurityFeatures Features =>
        SecurityFeatures.Authenticates | SecurityFeatures.Protects | SecurityFeatures.HasRoles | SecurityFeatures.MixesPrologue
        | SecurityFeatures.CarriesExtensions | SecurityFeatures.HalfCloses;

    protected override int MostBeforeAuthentication => 8 * Size.KiB;

    protected override int Stride => 16; // the same state machine over slower primitives

    protected override ISecurityProtocol Create(ulong seed) =>
        new NoiseSecurity(CryptoEngine.Portable, new SignatureVerifier(CryptoEngine.Portable), new SeededRandomSource(seed));
}

/// <summary>TLS by the contract of security protocols.</summary>
public sealed class TlsContractTests : SecurityContract
{
    protected override SecurityFeatures Features =>
        SecurityFeatures.Authenticates | SecurityFeatures.Protects | SecurityFeatures.HasRoles | SecurityFeatures.CarriesExtensions
        | SecurityFeatures.HalfCloses;

    protected override int Stride => 13; // a handshake has 700 bytes each way, and costs both ends two signatures

    protected override ISecurityProtocol Create(ulong seed) => new TlsSecurity(
        TestIdentity.Verifier, new NodeSeams(TimeProvider.System, new SeededRandomSource(seed), ThreadPoolScheduler.Instance));
}

/// <summary>Plaintext by the rules of the contract that apply to it.</summary>
public sealed class PlaintextContractTests : SecurityContract
{
    protected override SecurityFeatures Features => SecurityFeatures.HalfCloses;

    protected override int MostBeforeAuthentication => 8 * Size.KiB;

    protected override ISecurityProtocol Create(ulong seed) => new PlaintextSecurity();
}
