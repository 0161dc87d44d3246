using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p.Tests.Host;

/// <summary>A long-lived stream to each peer, with what the generator would make of it: this project does not run it.</summary>
internal interface IPour
{
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    ValueTask<MessageWriter<string>> OpenPourAsync(Func<ProtocolId, IEnumerable<string>> hello, CallContext context = default);

    static readonly ClientStreamOperation<IPour, string> Operation = new()
    {
        Name = "Pour",
        PerPeer = 1,
        Request = Codec.Text,
        Limits = new OperationLimits { Exchange = null, InboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest },
        Handler = static (handler, messages, context) => handler.PourAsync(messages, context),
    };

    static readonly Protocol<IPour> Protocol = new(new ProtocolDefinition<IPour>
    {
        Name = nameof(IPour),
        Ids = ["/pour/1.0.0"],
        Operations = [Operation],
        Client = static (protocol, streams) => new Client(protocol, streams),
    });

    private sealed class Client(Protocol<IPour> protocol, IStreamOpener streams) : IPour
    {
        public ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default) =>
            Operation.CallAsync(protocol.Settings(Operation), streams, messages, context);

        public ValueTask<MessageWriter<string>> OpenPourAsync(Func<ProtocolId, IEnumerable<string>> hello, CallContext context = default) =>
            Operation.OpenAsync(protocol.Settings(Operation), streams, hello, context);
    }
}

/// <summary>Keeps what it is told, of all streams.</summary>
internal sealed class Poured : IPour
{
    private readonly Lock _gate = new();
    private readonly List<string> _told = [];

    public string[] Told
    {
        get
        {
            lock (_gate)
            {
                return [.. _told];
            }
        }
    }

    public async ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default)
    {
        await foreach (string message in messages)
        {
            lock (_gate)
            {
                _told.Add(message);
            }
        }
    }

    public ValueTask<MessageWriter<string>> OpenPourAsync(Func<ProtocolId, IEnumerable<string>> hello, CallContext context = default) =>
        IPour.Operation.OpenAsync(this, IPour.Protocol.Settings(IPour.Operation), hello, context);
}
