using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Security.Tls;
using Libp2p.TestKit;

namespace Libp2p.Tests.Host;

/// <summary>What a node speaks that says nothing, or something, about security.</summary>
public sealed class DefaultSecurityTests
{
    // The first handshake of a process waits for the platform's TLS to be loaded and compiled, on a machine that does other things, too.
    private static readonly NodeOptions s_patient = new()
    {
        DialTimeout = TimeSpan.FromMinutes(2),
        DialAttemptTimeout = TimeSpan.FromMinutes(1),
        InboundUpgradeTimeout = TimeSpan.FromMinutes(1),
    };

    [Theory]
    [InlineData("", "", "/noise")]
    [InlineData("tls", "", "/tls/1.0.0")]
    [InlineData("", "tls", "/tls/1.0.0")]
    [InlineData("noise", "", "/noise")]
    [InlineData("tls noise", "", "/tls/1.0.0")]
    [InlineData("noise tls", "tls noise", "/noise")]
    public async Task The_dialers_preference_decides(string dialer, string listener, string agreed)
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => Speak(node, listener), node => Speak(node, dialer));
        Assert.Equal((agreed, true), (nodes.Connection.Security?.Value, nodes.Connection.IsEarlyMuxer));
    }

    [Fact]
    public async Task Nodes_without_a_security_protocol_in_common_do_not_connect() =>
        await Assert.ThrowsAsync<DialException>(() => NodePair.ConnectAsync(node => Speak(node, "noise"), node => Speak(node, "tls")));

    [Fact]
    public async Task A_registered_tls_takes_the_place_of_the_default_and_is_disposed_of_with_its_node()
    {
        Marked? marked = null;
        await using (NodePair nodes = await NodePair.ConnectAsync(node => node.Options(s_patient).Security(context => marked = new Marked(new TlsSecurity(context))), node => Speak(node, "tls")))
        {
            Assert.Equal((1, false), (marked!.Handshakes, marked.IsDisposed));
        }

        Assert.True(marked.IsDisposed);
    }

    private static void Speak(NodeBuilder node, string security)
    {
        node.Options(s_patient);
        foreach (string name in security.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            node.WithoutDefaultSecurity();
            _ = name == "tls"
                ? node.Security(context => new TlsSecurity(context))
                : node.Security(_ => new NoiseSecurity(CryptoEngine.Default, TestIdentity.Verifier, CryptoRandomSource.Instance));
        }
    }

    private sealed class Marked(TlsSecurity inner) : ISecurityProtocol, IDisposable
    {
        public int Handshakes { get; private set; }

        public bool IsDisposed { get; private set; }

        public ProtocolId Id => inner.Id;

        public ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken)
        {
            Handshakes++;
            return inner.SecureAsync(link, request, cancellationToken);
        }

        public void Dispose()
        {
            inner.Dispose();
            IsDisposed = true;
        }
    }
}
