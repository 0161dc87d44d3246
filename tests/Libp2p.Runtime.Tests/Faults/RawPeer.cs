using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Negotiation;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.Tests.Muxers;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>A remote that goes up the layers as far as a test wants, and says there what it likes.</summary>
internal sealed class RawPeer(SimulationRun run, IByteLink link) : IAsyncDisposable
{
    private static readonly CryptoEngine s_engine = CryptoEngine.Default;

    private readonly NodeSeams _seams = run.Node("raw");
    private IByteLink? _secured;

    /// <summary>The session, once the peer is that far.</summary>
    public IMuxedConnection? Session { get; private set; }

    /// <summary>The pipe of the layer it has reached.</summary>
    public IDuplexPipe Pipe { get; private set; } = link;

    public static async Task<RawPeer> ReachAsync(SimulationRun run, MemoryNetwork network, Layer layer)
    {
        MemoryTransport transport = new(network, run.Scheduler);
        IByteLink link = await transport.DialAsync(TransportDials.To(Multiaddress.Parse("/memory/1")), CancellationToken.None);
        RawPeer peer = new(run, link);
        await peer.ClimbAsync(link, layer);
        return peer;
    }

    public async Task SendAsync(byte[] bytes)
    {
        Pipe.Output.Write(bytes);
        await Pipe.Output.FlushAsync();
    }

    /// <summary>Reads until the remote ends this layer, in order or not.</summary>
    public async Task HearEndAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await Pipe.Input.ReadAsync();
                Pipe.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // It broke: an end too.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
        {
            Session.Abort(new EndReason(EndedBy.Local, ErrorCode.None, "the test is over"));
            await Session.DisposeAsync();
        }

        await (_secured ?? link).DisposeAsync();
    }

    private async Task ClimbAsync(IByteLink raw, Layer layer)
    {
        if (layer == Layer.Raw)
        {
            return;
        }

        await MultistreamSelect.InitiateAsync(raw, [NoiseSecurity.ProtocolId], CancellationToken.None);
        if (layer == Layer.Noise)
        {
            return;
        }

        SecurityRequest request = new()
        {
            Role = ConnectionRole.Initiator,
            ExpectedPeer = ExpectedPeer.Anyone,
            Identity = new KeyPairSigner(PrivateKey.GenerateEd25519(_seams.Random, s_engine)),
        };
        NoiseSecurity noise = new(s_engine, new SignatureVerifier(s_engine), _seams.Random);
        IByteLink secured = (await noise.SecureAsync(raw, request, CancellationToken.None)).Link;
        Pipe = _secured = secured;
        if (layer == Layer.Secured)
        {
            return;
        }

        await MultistreamSelect.InitiateAsync(secured, [YamuxMuxer.ProtocolId], CancellationToken.None);
        if (layer == Layer.Yamux)
        {
            return;
        }

        Session = new YamuxMuxer().Attach(secured, new MuxerContext(ConnectionRole.Initiator, _seams, new TestScope()));
        Pipe = await Session.OpenStreamAsync(CancellationToken.None);
    }
}
