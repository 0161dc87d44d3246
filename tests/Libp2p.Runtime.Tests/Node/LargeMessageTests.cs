using Libp2p.Codecs;
using Libp2p.Connections;
using Libp2p.Limits;

namespace Libp2p.Tests.Host;

/// <summary>Long messages between nodes: what is declared works on an idle connection, and what is held back counts as memory.</summary>
public sealed class LargeMessageTests
{
    [Fact]
    public async Task A_message_beyond_the_default_of_a_connection_goes_there_and_back_where_it_is_declared()
    {
        await using NodePair pair = await NodePair.ConnectAsync(node => node.Handle(IBig.Protocol, new Big()));
        byte[] message = new byte[40 * Size.MiB];
        message[^1] = 7;

        ReadOnlyMemory<byte> echo = await pair.Connection.Client(IBig.Protocol).EchoAsync(message);

        Assert.True(echo.Span.SequenceEqual(message));
    }

    [Fact]
    public async Task What_no_ceiling_holds_is_refused_where_it_is_registered_and_where_a_client_is_made()
    {
        Protocol<IBig> huge = IBig.Protocol.With(new OperationLimits { MaxResponse = 500 * Size.MiB });
        await Assert.ThrowsAsync<ArgumentException>(() => Libp2pNode.StartAsync(node => node.Handle(huge, new Big())));

        await using NodePair pair = await NodePair.ConnectAsync(_ => { });
        Assert.Throws<ArgumentException>(() => pair.Connection.Client(huge));
        Assert.Throws<ArgumentException>(() => pair.Dialer.Client(huge, pair.Listener.PeerId));
    }

    [Fact]
    public async Task Halves_of_messages_hold_no_more_than_the_ceiling()
    {
        ResourceLimits limits = new() { MemoryPerConnection = 6 * Size.MiB };
        await using NodePair pair = await NodePair.ConnectAsync(
            node => node.Options(new NodeOptions { Limits = limits }).Handle(IBig.Protocol.With(new OperationLimits { MaxRequest = 2 * Size.MiB }), new Big()));

        await HoldBackAsync(pair); // this one is held: it asks for no more when the others come
        await Task.WhenAll(Enumerable.Range(0, 7).Select(_ => HoldBackAsync(pair))); // they may refuse one another, even all of them

        Assert.InRange(pair.Listener.GetState().Usage.Memory, Size.MiB, 6 * Size.MiB);
    }

    private static async Task HoldBackAsync(NodePair pair)
    {
        try
        {
            P2PStream stream = await pair.OpenAsync("/big/1.0.0");
            await stream.Output.WriteAsync(new byte[] { 0x80, 0x80, 0x80, 0x01 }); // 2 MiB are to come
            for (int i = 0; i < 30; i++)
            {
                await stream.Output.WriteAsync(new byte[64 * 1024]);
            }
        }
        catch (Libp2pException)
        {
            // Refused, as some must be.
        }
    }

    /// <summary>With what the generator would make of it: this project does not run it.</summary>
    private interface IBig
    {
        ValueTask<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);

        static readonly UnaryOperation<IBig, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Operation = new()
        {
            Name = "Echo",
            Request = Codec.Memory,
            Response = Codec.Memory,
            Limits = new OperationLimits { MaxRequest = 96 * Size.MiB, MaxResponse = 96 * Size.MiB, Exchange = TimeSpan.FromMinutes(5) },
            Handler = static (handler, bytes, context) => handler.EchoAsync(bytes, context),
        };

        static readonly Protocol<IBig> Protocol = new(new ProtocolDefinition<IBig>
        {
            Name = nameof(IBig),
            Ids = ["/big/1.0.0"],
            Operations = [Operation],
            Client = static (protocol, streams) => new Client(protocol, streams),
        });

        private sealed class Client(Protocol<IBig> protocol, IStreamOpener streams) : IBig
        {
            public ValueTask<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes, CallContext context = default) =>
                Operation.CallAsync(protocol.Settings(Operation), streams, bytes, context);
        }
    }

    private sealed class Big : IBig
    {
        public ValueTask<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes, CallContext context = default) => new(bytes);
    }
}
