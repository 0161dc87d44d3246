using Google.Protobuf;
using Libp2p.Protocols.AutoNatV2;
using Libp2p.Protocols.Relay;
using Libp2p.Protocols.Rendezvous;
using Libp2p.PubSub;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;
using Libp2p.Tests.Calls;

namespace Libp2p.Tests.Requirements;

/// <summary>
/// What a model of protocols must be able to say, by number, as docs/declarations.md lists it: one test each, over bytes that are
/// written by hand. 12 to 14 and 16 need a node and stand in Libp2p.Runtime.Tests.
/// </summary>
public sealed class RequirementTests
{
    [Fact, Trait("Requirement", "1")]
    public async Task Requirement_1_the_shape_is_an_operations_and_not_an_interfaces()
    {
        await using InMemoryOpener hop = InMemoryOpener.To<IRelayHop>(IRelayHop.Protocol, new Hop());
        Assert.Single(IRelayHop.Protocol.Ids);
        Assert.Equal([4, 8, 2, 0x28, 100], await ExchangeAsync(hop, IRelayHop.Protocol, "Reserve", [2, 8, 0])); // STATUS OK: a reply, and the end
        await using P2PStream circuit = await OpenAsync(hop, IRelayHop.Protocol, "Connect");
        await circuit.SendAsync(2, 8, 1, 7, 8); // the same id; CONNECT opens a dialogue, and bytes follow it
        Assert.Equal([4, 8, 2, 0x28, 100, 7, 8], await circuit.ReceiveAsync(7));

        await using InMemoryOpener rendezvous = InMemoryOpener.To<IRendezvous>(IRendezvous.Protocol, new MeetingPoint());
        Assert.Single(IRendezvous.Protocol.Ids);
        Assert.Equal([2, 8, 1], await ExchangeAsync(rendezvous, IRendezvous.Protocol, "Register", [2, 8, 0])); // a reply
        Assert.Empty(await ExchangeAsync(rendezvous, IRendezvous.Protocol, "Unregister", [2, 8, 2])); // a push
    }

    [Fact, Trait("Requirement", "2")]
    public async Task Requirement_2_framing_is_a_strategy_and_changes_in_mid_stream()
    {
        After after = new()
        {
            OnLine = static async (line, rest, _) => await rest.SendAsync([(byte)line.Length, .. await rest.ReceiveAsync(2)]),
            OnTalk = static async (first, rest, _) =>
            {
                await using P2PStream raw = rest.Detach();
                await raw.SendAsync([(byte)first.Length, .. await raw.ReceiveAsync(2)]);
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);

        Assert.Equal([2, 7, 8], await ExchangeAsync(opener, IAfter.Protocol, "Line", [(byte)'g', (byte)'o', (byte)'\r', (byte)'\n', 7, 8])); // line, then raw
        Assert.Equal([2, 7, 8], await ExchangeAsync(opener, IAfter.Protocol, "Talk", [2, (byte)'g', (byte)'o', 7, 8])); // framed, then raw
        Assert.Equal(Wire.Frame("01020304 x"), await ExchangeAsync(opener, IAfter.Protocol, "Shake", [1, 2, 3, 4, 1, (byte)'x'])); // fixed, then framed
        await using InMemoryOpener whole = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        Assert.Equal([7, 8], await ExchangeAsync(whole, ITalk.Protocol, "Whole", [7, 8])); // none
    }

    [Theory, Trait("Requirement", "3")]
    [InlineData("Protobuf", new byte[] { 3, 0x32, 1, (byte)'1' })]
    [InlineData("Protobuf", new byte[] { 2, 0x32, 0 })] // present and empty stays present
    [InlineData("Json", new byte[] { 13, (byte)'{', (byte)'"', (byte)'D', (byte)'e', (byte)'g', (byte)'r', (byte)'e', (byte)'e', (byte)'s', (byte)'"', (byte)':', (byte)'7', (byte)'}' })]
    [InlineData("Text", new byte[] { 2, 0xc3, 0xa4 })]
    [InlineData("Bytes", new byte[] { 3, 0xff, 0, 0xfe })]
    [InlineData("Own", new byte[] { 2, 1, 2 })]
    public async Task Requirement_3_codecs_are_chosen_by_type(string operation, byte[] message)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ICodecs>(ICodecs.Protocol, new EchoedCodecs());

        Assert.Equal(message, await ExchangeAsync(opener, ICodecs.Protocol, operation, message));
    }

    [Fact, Trait("Requirement", "3")]
    public async Task Requirement_3_a_discriminator_that_is_zero_is_sent()
    {
        byte[]? sent = null;
        await using InMemoryOpener opener = new(async stream =>
        {
            sent = await stream.ReceiveAllAsync();
            await stream.SendAsync(2, 8, 1);
        });

        await IRendezvous.Protocol.CreateClient(opener).RegisterAsync(new RendezvousMessage());

        Assert.Equal([2, 8, 0], sent);
    }

    [Fact, Trait("Requirement", "4")]
    public async Task Requirement_4_an_enum_a_case_a_position_and_an_id_discriminate()
    {
        await using InMemoryOpener rendezvous = InMemoryOpener.To<IRendezvous>(IRendezvous.Protocol, new MeetingPoint());
        Assert.Equal([2, 8, 1], await ExchangeAsync(rendezvous, IRendezvous.Protocol, "Register", [2, 8, 0]));
        Assert.Empty(await ExchangeAsync(rendezvous, IRendezvous.Protocol, "Register", [2, 8, 2])); // the id and the bytes of UNREGISTER

        await using InMemoryOpener cases = InMemoryOpener.To<ICases>(ICases.Protocol, new CaseService());
        Assert.Equal([2, 0x12, 0], await ExchangeAsync(cases, ICases.Protocol, "Ask", [2, 0x0a, 0]));
        Assert.Empty(await ExchangeAsync(cases, ICases.Protocol, "Ask", [2, 0x22, 0]));

        After after = new() { OnTalk = static async (first, rest, _) => await rest.SendAsync(new[] { (byte)first[0], (byte)(await rest.ReceiveAsync())[0] }) };
        await using InMemoryOpener position = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        Assert.Equal([2, 97, 98], await ExchangeAsync(position, IAfter.Protocol, "Talk", [1, 97, 1, 98]));

        Assert.Equal(["/after/1.0.0/talk", "/after/1.0.0/shake", "/after/1.0.0/measure", "/after/1.0.0/line"], IAfter.Protocol.Ids.Select(id => id.Value));
    }

    [Fact, Trait("Requirement", "5")]
    public async Task Requirement_5_absent_and_empty_are_two_things()
    {
        RendezvousMessage? received = null;
        MeetingPoint point = new() { OnUnregister = message => received = message };
        await using InMemoryOpener opener = InMemoryOpener.To<IRendezvous>(IRendezvous.Protocol, point);

        await ExchangeAsync(opener, IRendezvous.Protocol, "Unregister", [4, 8, 2, 0x22, 0]);
        Assert.False(received!.Unregister.HasNs);
        await ExchangeAsync(opener, IRendezvous.Protocol, "Unregister", [6, 8, 2, 0x22, 2, 0x0a, 0]);
        Assert.True(received!.Unregister.HasNs);
        Assert.Equal("", received.Unregister.Ns);
    }

    [Fact, Trait("Requirement", "6")]
    public async Task Requirement_6_limits_are_a_messages_and_a_directions()
    {
        byte[] answer = [90, 0x7a, 88, .. new byte[88]]; // a field that we do not know
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            await stream.SendAsync(answer);
        });
        IAutoNatDialBack client = IAutoNatDialBack.Protocol.CreateClient(opener);

        Assert.NotNull(await client.DialBackAsync(new DialBack { Nonce = 1 })); // 9 bytes there, 90 back
        await Assert.ThrowsAsync<LimitExceededException>(async () => await client.DialBackAsync(DialBack.Parser.ParseFrom([0x09, .. new byte[8], 0x10, 1])));
        Assert.Equal(1, (await opener.RemotesAsync()).Count(failure => failure is null));
    }

    [Fact, Trait("Requirement", "7")]
    public async Task Requirement_7_a_frame_of_zero_bytes_is_a_message()
    {
        await using InMemoryOpener opener = new(Wire.Answers(0));
        Assert.NotNull(await IAutoNatDialBack.Protocol.CreateClient(opener).DialBackAsync(new DialBack()));

        await using InMemoryOpener served = InMemoryOpener.To<IAutoNatDialBack>(IAutoNatDialBack.Protocol, new DialBackService(0));
        Assert.Equal([0], await ExchangeAsync(served, IAutoNatDialBack.Protocol, "DialBack", [0]));
    }

    [Fact, Trait("Requirement", "8")]
    public async Task Requirement_8_a_stream_is_handed_off_with_what_nobody_has_read()
    {
        P2PStream? taken = null;
        After after = new()
        {
            OnTalk = (_, rest, _) =>
            {
                taken = rest.Detach();
                return default;
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        await using P2PStream stream = await OpenAsync(opener, IAfter.Protocol, "Talk");
        await stream.SendAsync(1, 97, 7, 8, 9);
        await opener.RemotesAsync();

        Assert.Equal([7, 8, 9], await taken!.ReceiveAsync(3));
        await taken!.SendAsync(5);
        Assert.Equal([5], await stream.ReceiveAsync(1));
        await taken!.DisposeAsync();
    }

    [Fact, Trait("Requirement", "9")]
    public async Task Requirement_9_a_response_may_be_missing_and_a_reset_ends_the_call_alone()
    {
        int streams = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            if (++streams == 2)
            {
                stream.Reset();
            }
        });
        IAutoNatDialBack client = IAutoNatDialBack.Protocol.CreateClient(opener);

        Assert.Null(await client.DialBackAsync(new DialBack())); // closed without one
        await Assert.ThrowsAsync<StreamResetException>(async () => await client.DialBackAsync(new DialBack()));
        Assert.Null(await client.DialBackAsync(new DialBack()));

        await using InMemoryOpener served = InMemoryOpener.To<IAutoNatDialBack>(IAutoNatDialBack.Protocol, new DialBackService());
        Assert.Empty(await ExchangeAsync(served, IAutoNatDialBack.Protocol, "DialBack", [0]));
    }

    [Fact, Trait("Requirement", "10")]
    public async Task Requirement_10_a_half_close_stands_where_the_shape_says_and_nowhere_else()
    {
        await using InMemoryOpener asked = new(async stream =>
        {
            Assert.Equal(Wire.Frame("?"), await stream.ReceiveAllAsync()); // the end comes before the answer
            await stream.SendAsync(Wire.Frame("!"));
        });
        Assert.Equal("!", await ITalk.Protocol.CreateClient(asked).AskAsync("?"));

        Talk talk = new();
        await using InMemoryOpener pours = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await OpenAsync(pours, ITalk.Protocol, "Pour");
        await stream.SendAsync(Wire.Frame("a"));
        await Eventually.HoldsAsync(() => pours.Opened.Count == 1);
        Assert.False(stream.Input.TryRead(out _)); // as gossipsub: neither a byte nor an end on a stream that the remote opened
        await stream.CloseWriteAsync();
        Assert.Empty(await stream.ReceiveAllAsync());
        Assert.Equal(["a"], talk.Told);
    }

    [Fact, Trait("Requirement", "11")]
    public async Task Requirement_11_versions_are_offered_in_order_and_the_agreed_one_is_visible()
    {
        ProtocolId? agreed = null;
        Talk talk = new()
        {
            OnAsk = (question, context) =>
            {
                agreed = context.Protocol;
                return new(question);
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        CallInfo info = new();

        await ITalk.Protocol.CreateClient(opener).AskAsync("?", new CallContext(default, info: info));

        Assert.Equal(["/talk/1.1.0/ask", "/talk/1.0.0/ask"], opener.Requests[0].Protocols.Select(id => id.Value));
        Assert.Equal(["/talk/1.1.0/new"], Wire.Request("New").Protocols.Select(id => id.Value)); // the older one does not know it
        Assert.Equal(("/talk/1.1.0/ask", "/talk/1.1.0/ask"), (agreed?.Value, info.Protocol?.Value));
    }

    [Theory, Trait("Requirement", "15")]
    [InlineData(3, 3, "a message took longer")] // a message that began
    [InlineData(0, 5, "no message for")] // between messages
    [InlineData(1, 60, "the exchange took longer")] // all in all
    public async Task Requirement_15_times_run_at_three_scopes(int bytesOfMessage, int seconds, string reason)
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), clock);
        await using P2PStream stream = await OpenAsync(opener, ITalk.Protocol, "Chat");
        for (int elapsed = 0; seconds == 60 && elapsed < 60; elapsed += 4)
        {
            await stream.SendAsync(Wire.Frame("a"));
            await stream.ReceiveAsync(2);
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        if (seconds < 60)
        {
            await stream.SendAsync([.. Wire.Frame("a"), .. Wire.Frame("bcd")[..bytesOfMessage]]);
            await stream.ReceiveAsync(2);
            await Eventually.HoldsAsync(() => clock.NextDue == TimeSpan.FromSeconds(seconds)); // the handler reads on
            clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Null(stream.End);
            clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Contains(reason, Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync())).Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "19")]
    public async Task Requirement_19_both_sides_may_speak_first()
    {
        Talk talk = new()
        {
            OnAgree = static async (dialogue, _) =>
            {
                await dialogue.SendAsync(new byte[] { 1 });
                await dialogue.SendAsync(new[] { (byte)(await dialogue.ReceiveAsync())[0] });
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream first = await OpenAsync(opener, ITalk.Protocol, "Agree");
        Assert.Equal([1, 1], await first.ReceiveAsync(2)); // before a byte of ours
        await first.SendAsync(1, 97);
        Assert.Equal([1, 97], await first.ReceiveAllAsync());

        Assert.Equal([1, 1, 1, 97], await ExchangeAsync(opener, ITalk.Protocol, "Agree", [1, 97])); // and after one
    }

    [Fact, Trait("Requirement", "20")]
    public async Task Requirement_20_an_operation_opens_another_protocol_elsewhere_before_it_answers()
    {
        DialBackService client = new(0x0102030405060708);
        await using InMemoryOpener back = InMemoryOpener.To<IAutoNatDialBack>(IAutoNatDialBack.Protocol, client);
        DialingServer server = new(IAutoNatDialBack.Protocol.CreateClient(back));
        await using InMemoryOpener there = InMemoryOpener.To<IAutoNatDialRequest>(IAutoNatDialRequest.Protocol, server);
        byte[] request = [11, 0x0a, 9, 0x11, 8, 7, 6, 5, 4, 3, 2, 1];

        Assert.Equal([5, 0x12, 3, 0x18, 0xc8, 1], await ExchangeAsync(there, IAutoNatDialRequest.Protocol, "Dial", request)); // OK
        Assert.Equal([4, 0x12, 2, 0x18, 101], await ExchangeAsync(there, IAutoNatDialRequest.Protocol, "Dial", request)); // the nonce is used up
        Assert.Equal([0x0102030405060708ul], client.TakenBack);
    }

    [Fact, Trait("Requirement", "21")]
    public async Task Requirement_21_text_that_is_not_text_is_bytes()
    {
        byte[] rpc = [6, 0x1a, 4, 0x12, 2, 0x0a, 0]; // control, one IWANT, an empty message id
        byte[] ids = [8, 0x1a, 6, 0x12, 4, 0x0a, 2, 0xff, 0xfe]; // another one, which is not UTF-8
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IRouter>(IRouter.Protocol, router);

        await ExchangeAsync(opener, IRouter.Protocol, "Receive", [.. rpc, .. ids]);

        Assert.Equal([[], [0xff, 0xfe]], router.Received.Select(one => one.Control.IWant[0].MessageIds[0].ToByteArray()));
    }

    [Fact, Trait("Requirement", "22")]
    public async Task Requirement_22_what_is_signed_is_forwarded_as_it_came()
    {
        byte[] published = [0x12, 1, 7, 0x0a, 1, 9, 0x12, 1, 8]; // fields out of order and one of them twice: no encoder of ours writes that
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IRouter>(IRouter.Protocol, router);
        await ExchangeAsync(opener, IRouter.Protocol, "Receive", [11, 0x12, 9, .. published]);
        ByteString kept = Assert.Single(Assert.Single(router.Received).Publish);
        PubSubMessage decoded = PubSubMessage.Parser.ParseFrom(kept);
        Assert.NotEqual(published, decoded.ToByteArray());

        byte[]? forwarded = null;
        await using InMemoryOpener onwards = new(async stream => forwarded = await stream.ReceiveAllAsync());
        await using (MessageWriter<Rpc> writer = await IRouter.Protocol.CreateClient(onwards).OpenReceiveAsync())
        {
            await writer.WriteAsync(new Rpc { Publish = { kept } });
            await writer.CompleteAsync();
        }

        await onwards.RemotesAsync();
        Assert.Equal([11, 0x12, 9, .. published], forwarded);
    }

    [Fact, Trait("Requirement", "23")]
    public async Task Requirement_23_a_response_beats_a_request_that_nobody_reads()
    {
        static async ValueTask Reject(P2PStream stream)
        {
            await stream.SendAsync(2, (byte)'n', (byte)'o');
            stream.CloseRead();
        }

        await using InMemoryOpener asked = new(Reject, window: 10);
        Assert.Equal("no", await ITalk.Protocol.CreateClient(asked).AskAsync(new string('x', 90)));

        await using InMemoryOpener talked = new(Reject, window: 10);
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await IAfter.Protocol.CreateClient(talked).OpenTalkAsync(new string('x', 90));
        Assert.Equal("no"u8.ToArray(), (await dialogue.ReceiveAsync()).ToArray());
    }

    /// <summary>What comes back for these bytes, after which our direction ends.</summary>
    private static async Task<byte[]> ExchangeAsync<T>(InMemoryOpener opener, Protocol<T> protocol, string operation, byte[] bytes)
        where T : class
    {
        await using P2PStream stream = await OpenAsync(opener, protocol, operation);
        await stream.SendAsync(bytes);
        await stream.CloseWriteAsync();
        return await stream.ReceiveAllAsync();
    }

    private static ValueTask<P2PStream> OpenAsync<T>(InMemoryOpener opener, Protocol<T> protocol, string operation)
        where T : class => opener.OpenStreamAsync(Wire.Request(protocol, operation), default);

    private sealed class Hop : IRelayHop
    {
        public ValueTask<HopMessage> ReserveAsync(HopMessage request, CallContext context = default) => new(new HopMessage { Status = Status.Ok });

        public async ValueTask ConnectAsync(HopMessage request, Dialogue<HopMessage, HopMessage> answer, CallContext context = default)
        {
            await answer.SendAsync(new HopMessage { Status = Status.Ok });
            await using P2PStream circuit = answer.Detach();
            await circuit.SendAsync(await circuit.ReceiveAsync(2));
        }
    }

    private sealed class MeetingPoint : IRendezvous
    {
        public Action<RendezvousMessage> OnUnregister { get; init; } = static _ => { };

        public ValueTask<RendezvousMessage> RegisterAsync(RendezvousMessage request, CallContext context = default) => new(new RendezvousMessage());

        public ValueTask UnregisterAsync(RendezvousMessage request, CallContext context = default)
        {
            OnUnregister(request);
            return default;
        }
    }

    private sealed class CaseService : ICases
    {
        public ValueTask<IDialAnswer> AskAsync(DialRequest request, CallContext context = default) => new(new DialResponse());

        public ValueTask TellAsync(DialDataResponse data, CallContext context = default) => default;
    }

    private sealed class Router : IRouter
    {
        public List<Rpc> Received { get; } = [];

        public async ValueTask ReceiveAsync(IAsyncEnumerable<Rpc> rpcs, CallContext context = default)
        {
            await foreach (Rpc rpc in rpcs)
            {
                Received.Add(rpc);
            }
        }
    }
}

/// <summary>As gossipsub's streams.</summary>
[Protocol("/router/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface IRouter
{
    ValueTask ReceiveAsync(IAsyncEnumerable<Rpc> rpcs, CallContext context = default);
}
