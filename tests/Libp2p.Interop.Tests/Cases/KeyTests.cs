using System.Runtime.CompilerServices;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Identities of every type, on both sides of a connection over Noise.</summary>
[Collection(InteropCollection.Name)]
public sealed class KeyTests(InteropRun run)
{
    [PeerTheory]
    [Pairs]
    public Task Keys_of_type_Ed25519(string dialer, string listener) => ConnectAsync(dialer, listener, "ed25519");

    [PeerTheory]
    [Pairs]
    public Task Keys_of_type_Secp256k1(string dialer, string listener) => ConnectAsync(dialer, listener, "secp256k1");

    [PeerTheory]
    [Pairs]
    public Task Keys_of_type_ECDSA(string dialer, string listener) => ConnectAsync(dialer, listener, "ecdsa");

    [PeerTheory]
    [Pairs]
    public Task Keys_of_type_RSA(string dialer, string listener) => ConnectAsync(dialer, listener, "rsa");

    private Task ConnectAsync(string dialer, string listener, string keyType, [CallerMemberName] string name = "")
    {
        if (Quirks.Lacks(dialer, keyType) || Quirks.Lacks(listener, keyType))
        {
            run.Cannot(dialer, listener, name);
            return Task.CompletedTask;
        }

        return run.RunAsync(dialer, listener, new PairOptions { Both = ["--key-type", keyType] }, pair => ConnectAsync(pair, keyType), name);
    }

    private static async Task ConnectAsync(PeerPair pair, string keyType)
    {
        await pair.ConnectAsync();
        PeerEvent said = await pair.Ours.EventAsync("peer-identify");

        Assert.Equal(keyType, said.Text("publicKeyType"), ignoreCase: true);
        Assert.Equal(pair.Ours == pair.Dialer ? pair.Listener.Id : pair.Dialer.Id, said.Text("peer"));
        await pair.DoAsync("echo", ("size", 1000));
    }
}
