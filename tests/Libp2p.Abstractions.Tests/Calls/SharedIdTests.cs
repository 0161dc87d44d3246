using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Kademlia;
using Libp2p.Protocols.Relay;
using Libp2p.Protocols.Rendezvous;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Several operations on one id, told apart by the discriminator of the first message.</summary>
public sealed class SharedIdTests
{
    // Field 1, the type: FIND_NODE 4, GET_VALUE 1, ADD_PROVIDER 2, PUT_VALUE 0. Field 2, the key.
    private static readonly byte[] s_findNode = [5, 8, 4, 0x12, 1, 0xaa];
    private static readonly byte[] s_getValue = [5, 8, 1, 0x12, 1, 0xbb];
    private static readonly byte[] s_addProvider = [5, 8, 2, 0x12, 1, 0xcc];
    private static readonly byte[] s_putValueWithoutType = [3, 0x12, 1, 0xdd];

    [Fact]
    public async Task One_stream_carries_requests_of_all_kinds_and_a_push_among_them()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IKad>(IKad.Protocol, dht);
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);

        await stream.DripAsync([.. s_findNode, .. s_addProvider, .. s_getValue, .. s_putValueWithoutType, .. s_findNode]);

        // Each answer is the request's key, and carries its type: also the one that is 0.
        Assert.Equal([.. s_findNode, .. s_getValue, 5, 8, 0, 0x12, 1, 0xdd, .. s_findNode], await stream.ReceiveAsync(24));
        await stream.CloseWriteAsync();
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["FindNode AA", "AddProvider CC", "GetValue BB", "PutValue DD", "FindNode AA"], dht.Asked);
    }

    [Fact]
    public async Task The_type_is_set_on_what_is_sent_and_a_stream_is_used_for_all_of_them_but_pushes()
    {
        List<byte[]> streams = [];
        await using InMemoryOpener opener = new(async stream =>
        {
            int number = streams.Count;
            streams.Add([]);
            byte[] first = await stream.ReceiveAsync(6);
            if (first[2] != 2)
            {
                await stream.SendAsync(2, 8, first[2]);
            }

            streams[number] = [.. first, .. await stream.ReceiveAsync(number == 0 ? 6 : 0)];
            if (number == 0)
            {
                await stream.SendAsync(2, 8, 0);
            }

            Assert.Empty(await stream.ReceiveAllAsync());
        });
        IKad client = IKad.Protocol.CreateClient(opener);

        await client.FindNodeAsync(Key(0xaa));
        await client.PutValueAsync(Key(0xdd));
        await client.AddProviderAsync(Key(0xcc));
        await opener.DisposeAsync();

        Assert.Equal([null, null], await opener.RemotesAsync());
        Assert.Equal([[.. s_findNode, 5, 8, 0, 0x12, 1, 0xdd], s_addProvider], streams);
        Assert.Equal([5, 5, null], opener.Requests.Select(request => request.ReuseIdle?.TotalSeconds));
    }

    [Theory]
    [InlineData(new byte[] { 2, 8, 1 })] // another type
    [InlineData(new byte[] { 0 })] // none, which is 0
    [InlineData(new byte[] { 2, 8, 5 })] // one that nothing has
    public async Task A_reply_of_another_type_is_a_violation(byte[] reply)
    {
        await using InMemoryOpener opener = new(Answers(reply));

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await IKad.Protocol.CreateClient(opener).FindNodeAsync(new KadMessage()));
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(0, opener.IdleCount);
    }

    [Fact]
    public async Task An_absent_type_counts_as_zero_in_a_reply_too()
    {
        await using InMemoryOpener opener = new(Answers([3, 0x12, 1, 7]));

        Assert.Equal([7], (await IKad.Protocol.CreateClient(opener).PutValueAsync(new KadMessage())).Key.ToByteArray());
    }

    [Theory]
    [InlineData(new byte[] { 2, 8, 5 })] // PING
    [InlineData(new byte[] { 3, 8, 0xff, 1 })]
    [InlineData(new byte[] { 11, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 })] // -1
    public async Task An_unknown_type_resets_the_stream_and_is_counted(byte[] bytes)
    {
        Dht dht = new();
        StreamHandler handler = Assert.Single(IKad.Protocol.CreateHandlers(dht));
        await using InMemoryOpener opener = new(stream => handler.HandleAsync(stream, default));
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);

        await stream.SendAsync(bytes);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Equal(1, handler.UnknownMessages);
        Assert.Empty(dht.Asked);
    }

    [Theory]
    [InlineData(new byte[] { 1, 8 })] // cut inside the message
    [InlineData(new byte[] { 2, 0x12, 9 })] // a field that is longer than the message
    [InlineData(new byte[] { 2, 0, 0 })] // field 0
    [InlineData(new byte[] { 101 })] // longer than any operation takes
    [InlineData(new byte[] { 5, 8, 4 })] // cut inside the frame
    public async Task What_is_no_message_reaches_no_handler(byte[] bytes)
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IKad>(IKad.Protocol, dht);
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);

        await stream.SendLastAsync(bytes);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Empty(dht.Asked);
    }

    [Fact]
    public async Task The_last_of_several_types_counts_as_protobuf_has_it()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IKad>(IKad.Protocol, dht);
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);

        await stream.SendAsync(7, 8, 1, 0x12, 1, 0xaa, 8, 4);

        Assert.Equal(s_findNode, await stream.ReceiveAsync(6));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_group_that_nobody_knows_is_passed_over_as_the_codec_does(int depth)
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IKad>(IKad.Protocol, dht);
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);
        byte[] groups = [.. Enumerable.Repeat((byte)0x7b, depth), 8, 2, .. Enumerable.Repeat((byte)0x7c, depth)]; // field 15, with a type inside

        await stream.SendAsync([(byte)(5 + groups.Length), .. s_findNode[1..], .. groups]);

        Assert.Equal(s_findNode, await stream.ReceiveAsync(6));
        Assert.Equal(["FindNode AA"], dht.Asked);
    }

    [Theory]
    [InlineData(new byte[] { 3, 8, 4, 0x7b })] // no end
    [InlineData(new byte[] { 4, 8, 4, 0x7b, 0x74 })] // another's end
    [InlineData(new byte[] { 3, 8, 4, 0x7c })] // an end only
    [InlineData(new byte[] { 5, 8, 4, 0x7b, 8, 0x7c })] // an end inside a value
    public async Task A_group_that_is_none_is_a_violation(byte[] bytes) => Assert.IsType<ProtocolViolationException>(await ServeAsync(bytes));

    [Fact]
    public async Task The_first_frame_is_bounded_by_the_largest_and_then_by_its_operation()
    {
        byte[] padding = new byte[46];
        byte[] fits = [50, 8, 2, 0x12, 46, .. padding];
        byte[] tooLong = [51, 8, 2, 0x12, 47, .. padding, 0];
        byte[] longForAnother = [51, 8, 4, 0x12, 47, .. padding, 0];

        Assert.Null(await ServeAsync(fits));
        Assert.IsType<ProtocolViolationException>(await ServeAsync(tooLong));
        Assert.Null(await ServeAsync(longForAnother));
    }

    [Fact]
    public async Task Elements_are_bounded_by_the_operation_before_anything_is_decoded()
    {
        byte[] peers = [0x4a, 0, 0x4a, 0, 0x4a, 0]; // field 9, three peers without anything

        Assert.Null(await ServeAsync([8, 8, 4, .. peers]));
        Assert.IsType<ProtocolViolationException>(await ServeAsync([8, 8, 2, .. peers]));
        Assert.Null(await ServeAsync([6, 8, 2, .. peers[..4]]));
    }

    [Fact]
    public async Task A_reply_has_a_value_of_its_own_and_a_push_has_none()
    {
        await using InMemoryOpener served = InMemoryOpener.To<IRendezvous>(IRendezvous.Protocol, new MeetingPoint());
        await using P2PStream register = await OpenAsync(served, IRendezvous.Protocol);
        await register.SendAsync(2, 8, 0);
        Assert.Equal([7, 8, 1, 0x1a, 3, 0x18, 0xa0, 0x38], await register.ReceiveAllAsync()); // REGISTER_RESPONSE, 7,200 s

        await using P2PStream unregister = await OpenAsync(served, IRendezvous.Protocol);
        await unregister.SendAsync(2, 8, 2);
        Assert.Empty(await unregister.ReceiveAllAsync());
        Assert.Equal([null, null], await served.RemotesAsync());

        await using InMemoryOpener scripted = new(async stream =>
        {
            Assert.Equal([2, 8, 0], await stream.ReceiveAllAsync());
            await stream.SendAsync(2, 8, 1);
        });
        Assert.True((await IRendezvous.Protocol.CreateClient(scripted).RegisterAsync(new RendezvousMessage())).HasType);

        await using InMemoryOpener wrong = new(Wire.Answers(2, 8, 0)); // the request's
        await Assert.ThrowsAsync<ProtocolViolationException>(async () =>
            await IRendezvous.Protocol.CreateClient(wrong).RegisterAsync(new RendezvousMessage()));
    }

    [Fact]
    public async Task A_dialogue_after_the_first_message_has_the_values_too_and_hands_off_every_byte()
    {
        Relay relay = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IRelayHop>(IRelayHop.Protocol, relay);
        await using P2PStream circuit = await OpenAsync(opener, IRelayHop.Protocol);

        await circuit.SendAsync(2, 8, 1, 42, 43); // CONNECT, and what its sender pipelined

        Assert.Equal([4, 8, 2, 0x28, 100, 42, 43], await circuit.ReceiveAsync(7)); // STATUS, OK, and the echo
        await circuit.CloseWriteAsync();
        Assert.Empty(await circuit.ReceiveAllAsync());

        await using P2PStream reservation = await OpenAsync(opener, IRelayHop.Protocol);
        await reservation.SendAsync(0); // RESERVE is 0, and may be left out
        Assert.Equal([4, 8, 2, 0x28, 100], await reservation.ReceiveAllAsync());
        Assert.Equal([null, null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_initiator_checks_the_values_of_a_dialogue()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal([2, 8, 1], await stream.ReceiveAsync(3));
            await stream.SendAsync(4, 8, 2, 0x28, 100, 2, 8, 1);
        });
        await using Dialogue<HopMessage, HopMessage> dialogue = await IRelayHop.Protocol.CreateClient(opener).OpenConnectAsync(new HopMessage());

        Assert.Equal(Status.Ok, (await dialogue.ReceiveAsync()).Status);
        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await dialogue.ReceiveAsync()); // CONNECT, where STATUS was due
    }

    [Fact]
    public async Task Until_it_is_known_what_streams_are_for_they_are_bounded_together_and_then_by_operation()
    {
        Relay relay = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IRelayHop>(IRelayHop.Protocol, relay); // one RESERVE, two CONNECT
        await using P2PStream first = await OpenAsync(opener, IRelayHop.Protocol);
        await using P2PStream second = await OpenAsync(opener, IRelayHop.Protocol);
        await using P2PStream third = await OpenAsync(opener, IRelayHop.Protocol);
        await Eventually.HoldsAsync(() => opener.Opened.Count == 3);
        await using P2PStream fourth = await OpenAsync(opener, IRelayHop.Protocol);
        await Assert.ThrowsAsync<StreamResetException>(() => fourth.ReceiveAllAsync()); // more than all of them

        await first.SendAsync(2, 8, 1, 1);
        await first.ReceiveAsync(6);
        await second.SendAsync(2, 8, 1, 1); // each bound is kept, so no stream is refused, whatever the order
        await second.ReceiveAsync(6);
        await third.SendAsync(0);
        Assert.Equal([4, 8, 2, 0x28, 100], await third.ReceiveAllAsync());

        await using P2PStream fifth = await OpenAsync(opener, IRelayHop.Protocol);
        await fifth.SendAsync(2, 8, 1); // RESERVE would do, but it is for CONNECT
        await Assert.ThrowsAsync<StreamResetException>(() => fifth.ReceiveAllAsync());

        await first.CloseWriteAsync();
        await second.CloseWriteAsync();
        Assert.Empty(await first.ReceiveAllAsync());
        Assert.Empty(await second.ReceiveAllAsync());
        Assert.Equal(2, (await opener.RemotesAsync()).Count(failure => failure is LimitExceededException));
        await relay.CircuitsAsync();

        await using P2PStream last = await OpenAsync(opener, IRelayHop.Protocol); // the circuits have ended with their streams
        await last.SendAsync(2, 8, 1, 1);
        Assert.Equal([4, 8, 2, 0x28, 100, 1], await last.ReceiveAsync(6));
        await last.CloseWriteAsync();
    }

    [Fact]
    public async Task The_oldest_stream_of_the_same_operation_makes_room_where_that_is_declared()
    {
        using SemaphoreSlim reserving = new(0);
        Relay relay = new()
        {
            OnReserve = async token =>
            {
                reserving.Release();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        Protocol<IRelayHop> protocol = IRelayHop.Protocol.With("Reserve", Replacing).With("Connect", Replacing);
        Assert.Equal(3, protocol.CreateHandlers(relay)[0].Limits.InboundPerPeer); // one may be on its way to replace another
        await using InMemoryOpener opener = InMemoryOpener.To<IRelayHop>(protocol, relay);
        await using P2PStream circuit = await OpenAsync(opener, protocol);
        await circuit.SendAsync(2, 8, 1, 1);
        await circuit.ReceiveAsync(6);
        await using P2PStream first = await OpenAsync(opener, protocol);
        await first.SendAsync(0);
        await reserving.WaitAsync();

        await using P2PStream second = await OpenAsync(opener, protocol);
        await second.SendAsync(0);
        await reserving.WaitAsync();
        StreamResetException replaced = await Assert.ThrowsAsync<StreamResetException>(() => first.ReceiveAllAsync());

        Assert.Equal((EndedBy.Remote, ErrorCode.Supplanted), (replaced.Reason.By, replaced.Reason.Code));
        Assert.Null(second.End);
        await circuit.SendAsync(7);
        Assert.Equal([7], await circuit.ReceiveAsync(1));
        second.Reset();

        static OperationLimits Replacing(OperationLimits limits) => limits with { InboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest };
    }

    [Fact]
    public void Streams_of_each_operation_are_counted_apart_towards_the_remote()
    {
        Assert.Equal(["Reserve", "Connect"], IRelayHop.Protocol.Operations.Select(operation => IRelayHop.Protocol.Settings(operation).Request.Operation));
        Assert.All(IKad.Protocol.Operations.Select(operation => IKad.Protocol.Settings(operation).Request.Operation), Assert.Null); // a reused stream is for all
        Assert.Null(IAutoNat.Protocol.Settings(IAutoNat.Protocol.Operations[0]).Request.Operation);
    }

    [Fact]
    public async Task Time_is_the_longest_until_the_operation_is_known_and_then_its_own()
    {
        ManualClock clock = new();
        TaskCompletionSource reserving = new();
        Relay relay = new()
        {
            OnReserve = async token =>
            {
                reserving.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IRelayHop>(IRelayHop.Protocol, relay, clock);
        await using P2PStream stream = await OpenAsync(opener, IRelayHop.Protocol);
        await Eventually.HoldsAsync(() => clock.NextDue == TimeSpan.FromSeconds(60)); // the responder's time runs

        clock.Advance(TimeSpan.FromSeconds(4));
        await stream.SendAsync(2, 8, 0);
        await reserving.Task;

        clock.Advance(TimeSpan.FromSeconds(1)); // five in all: RESERVE's, not CONNECT's sixty

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_silent_stream_ends_with_the_longest_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IRelayHop>(IRelayHop.Protocol, new Relay(), clock);
        await using P2PStream stream = await OpenAsync(opener, IRelayHop.Protocol);
        await Eventually.HoldsAsync(() => clock.NextDue == TimeSpan.FromSeconds(60));

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(stream.End);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    /// <summary>A remote that answers a request that is not half-closed.</summary>
    private static Func<P2PStream, ValueTask> Answers(byte[] reply) => async stream =>
    {
        await stream.ReceiveAsync(3);
        await stream.SendAsync(reply);
        await stream.ReceiveAllAsync();
    };

    private static KadMessage Key(byte key) => new() { Key = ByteString.CopyFrom(key) };

    /// <summary>How the stream of a kad request ended that was written by hand.</summary>
    private static async Task<Exception?> ServeAsync(byte[] bytes)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IKad>(IKad.Protocol, new Dht());
        await using P2PStream stream = await OpenAsync(opener, IKad.Protocol);
        await stream.SendLastAsync(bytes);
        return Assert.Single(await opener.RemotesAsync());
    }

    private static ValueTask<P2PStream> OpenAsync<T>(InMemoryOpener opener, Protocol<T> protocol)
        where T : class => opener.OpenStreamAsync(new StreamRequest(protocol.Ids), default);

    private sealed class Dht : IKad
    {
        public List<string> Asked { get; } = [];

        public ValueTask<KadMessage> FindNodeAsync(KadMessage request, CallContext context = default) => Answer("FindNode", request);

        public ValueTask<KadMessage> GetValueAsync(KadMessage request, CallContext context = default) => Answer("GetValue", request);

        public ValueTask<KadMessage> PutValueAsync(KadMessage request, CallContext context = default) => Answer("PutValue", request);

        public async ValueTask AddProviderAsync(KadMessage request, CallContext context = default) => await Answer("AddProvider", request);

        private ValueTask<KadMessage> Answer(string operation, KadMessage request)
        {
            Asked.Add($"{operation} {Convert.ToHexString(request.Key.Span)}");
            return new(new KadMessage { Key = request.Key });
        }
    }

    private sealed class MeetingPoint : IRendezvous
    {
        public ValueTask<RendezvousMessage> RegisterAsync(RendezvousMessage request, CallContext context = default) =>
            new(new RendezvousMessage { RegisterResponse = new RendezvousMessage.Types.RegisterResponse { Ttl = 7200 } });

        public ValueTask UnregisterAsync(RendezvousMessage request, CallContext context = default) => default;
    }

    /// <summary>Says OK to everybody; a circuit echoes.</summary>
    private sealed class Relay : IRelayHop
    {
        private readonly List<Task> _circuits = [];

        public Func<CancellationToken, Task> OnReserve { get; init; } = static _ => Task.CompletedTask;

        public async ValueTask<HopMessage> ReserveAsync(HopMessage request, CallContext context = default)
        {
            await OnReserve(context.CancellationToken);
            return new HopMessage { Status = Status.Ok };
        }

        public async ValueTask ConnectAsync(HopMessage request, Dialogue<HopMessage, HopMessage> answer, CallContext context = default)
        {
            await answer.SendAsync(new HopMessage { Status = Status.Ok });
            P2PStream circuit = answer.Detach();
            lock (_circuits)
            {
                _circuits.Add(EchoAsync(circuit));
            }
        }

        public Task CircuitsAsync()
        {
            lock (_circuits)
            {
                return Task.WhenAll(_circuits);
            }
        }

        private static async Task EchoAsync(P2PStream circuit)
        {
            await using (circuit)
            {
                await circuit.Input.CopyToAsync(circuit.Output);
            }
        }
    }
}
