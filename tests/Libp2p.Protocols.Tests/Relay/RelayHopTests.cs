using Google.Protobuf;
using Libp2p.Protocols.Relay;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.Relay;

/// <summary>The declaration against a remote whose bytes are js-libp2p's.</summary>
public sealed class RelayHopTests
{
    private static readonly byte[] s_reserve = Vector("hop RESERVE"); // 02 0800: js demands the type
    private static readonly byte[] s_reserved = Vector("hop STATUS OK with reservation");
    private static readonly byte[] s_connect = Vector("hop CONNECT to peer");
    private static readonly byte[] s_ok = Vector("hop STATUS OK"); // 04 0802 2864
    private static readonly byte[] s_destination = Hex("0025080212 21 037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
    private static readonly byte[] s_upgrade = [.. "\u0013/multistream/1.0.0\n"u8]; // what follows at once

    public static TheoryData<int> CircuitSplits => SplitsOf([.. s_connect, .. s_upgrade]);

    public static TheoryData<int> StatusSplits => SplitsOf([.. s_ok, .. s_upgrade]);

    [Theory]
    [InlineData("02 0800", true)] // rust ends its direction
    [InlineData("02 0800", false)]
    [InlineData("00", true)] // absent is 0, which is RESERVE
    public async Task RESERVE_is_answered_with_a_status(string request, bool ends)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayHop.Protocol, new Relay());
        await using P2PStream stream = await opener.DialAsync(IRelayHop.Protocol);

        await stream.SendAsync(Hex(request));
        if (ends)
        {
            await stream.CloseWriteAsync();
        }

        Assert.Equal(s_reserved, await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_initiator_reserves()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/circuit/relay/0.2.0/hop", stream.Protocol.Value);
            Assert.Equal(s_reserve, await stream.ReceiveAllAsync());
            await stream.DripAsync(s_reserved);
        });

        HopMessage status = await IRelayHop.Protocol.CreateClient(opener).ReserveAsync(new HopMessage());

        Assert.Equal((Status.Ok, 1_900_000_000ul, 120u, 131_072ul), (status.Status, status.Reservation.Expire, status.Limit.Duration, status.Limit.Data));
        Assert.Equal([4, 0xc0, 0, 2, 1, 6, 0x0f, 0xa1], Assert.Single(status.Reservation.Addrs).ToByteArray());
        Assert.Equal(197, status.Reservation.Voucher.Length);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData("RESERVATION_REFUSED", Status.ReservationRefused)]
    [InlineData("RESOURCE_LIMIT_EXCEEDED", Status.ResourceLimitExceeded)]
    [InlineData("PERMISSION_DENIED", Status.PermissionDenied)]
    [InlineData("CONNECTION_FAILED", Status.ConnectionFailed)]
    [InlineData("NO_RESERVATION", Status.NoReservation)]
    [InlineData("MALFORMED_MESSAGE", Status.MalformedMessage)]
    [InlineData("UNEXPECTED_MESSAGE", Status.UnexpectedMessage)]
    public async Task A_refusal_is_a_status(string name, Status status)
    {
        byte[] refusal = Vector($"hop STATUS {name}");
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(s_reserve.Length);
            await stream.SendAsync(refusal);
        });
        Assert.Equal(status, (await IRelayHop.Protocol.CreateClient(opener).ReserveAsync(new HopMessage())).Status);

        await using InMemoryOpener served = InMemoryOpener.To(IRelayHop.Protocol, new Relay(status));
        await using P2PStream stream = await served.DialAsync(IRelayHop.Protocol);
        await stream.SendAsync(s_connect);
        Assert.Equal(refusal, await stream.ReceiveAllAsync());
    }

    [Theory]
    [MemberData(nameof(CircuitSplits))]
    public async Task What_follows_CONNECT_is_the_circuits(int split)
    {
        Relay relay = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayHop.Protocol, relay);
        await using P2PStream circuit = await opener.DialAsync(IRelayHop.Protocol);

        await circuit.SendSplitAsync([.. s_connect, .. s_upgrade], split);

        Assert.Equal((byte[])[.. s_ok, .. s_upgrade], await circuit.ReceiveAsync(s_ok.Length + s_upgrade.Length)); // the status, and the echo
        await circuit.CloseWriteAsync();
        Assert.Empty(await circuit.ReceiveAllAsync());
        Assert.Equal(s_destination, relay.Destination);
        await relay.Circuit;
    }

    [Theory]
    [MemberData(nameof(StatusSplits))]
    public async Task What_follows_STATUS_is_the_circuits(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(s_connect, await stream.ReceiveAsync(s_connect.Length));
            Assert.False(stream.Input.TryRead(out _)); // a CONNECT is never half-closed
            await stream.SendSplitAsync([.. s_ok, .. s_upgrade], split);
            Assert.Equal(s_upgrade, await stream.ReceiveAllAsync());
        });
        await using Dialogue<HopMessage, HopMessage> answer = await IRelayHop.Protocol.CreateClient(opener).OpenConnectAsync(
            new HopMessage { Peer = new Peer { Id = ByteString.CopyFrom(s_destination) } });

        Assert.Equal(Status.Ok, (await answer.ReceiveAsync()).Status);
        await using P2PStream circuit = answer.Detach();
        Assert.Equal(s_upgrade, await circuit.ReceiveAsync(s_upgrade.Length));
        await circuit.SendAsync(s_upgrade);
        await circuit.CloseWriteAsync();

        Assert.Empty(await circuit.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData("02 0800")] // RESERVE
    [InlineData("02 0801")] // CONNECT
    [InlineData("02 2864")] // no type, which is RESERVE
    [InlineData("")]
    public async Task Another_reply_than_STATUS_is_a_violation(string reply)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(3);
            await stream.SendAsync(Hex(reply));
        });
        IRelayHop hop = IRelayHop.Protocol.CreateClient(opener);

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await hop.ReserveAsync(new HopMessage()));
        await using Dialogue<HopMessage, HopMessage> answer = await hop.OpenConnectAsync(new HopMessage());
        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await answer.ReceiveAsync());
    }

    [Theory]
    [InlineData("02 0802")] // STATUS
    [InlineData("02 0803")] // nothing's
    [InlineData("81 20")] // 4,097 bytes
    public async Task What_is_neither_RESERVE_nor_CONNECT_resets_the_stream(string bytes)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayHop.Protocol, new Relay());
        await using P2PStream stream = await opener.DialAsync(IRelayHop.Protocol);

        await stream.SendAsync(Hex(bytes));

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
    }

    private static byte[] Vector(string name) => Frame(WireBytes.Vector("circuit_relay_v2.json", name));

    /// <summary>Answers everybody with the status; a circuit leads back.</summary>
    private sealed class Relay(Status status = Status.Ok) : IRelayHop
    {
        public byte[]? Destination { get; private set; }

        public Task Circuit { get; private set; } = Task.CompletedTask;

        public ValueTask<HopMessage> ReserveAsync(HopMessage request, CallContext context = default) => new(new HopMessage
        {
            Status = status,
            Reservation = new Reservation
            {
                Expire = 1_900_000_000,
                Addrs = { ByteString.CopyFrom(4, 0xc0, 0, 2, 1, 6, 0x0f, 0xa1) },
                Voucher = ByteString.CopyFrom(s_reserved.AsSpan(26, 197)), // opaque here: a signed envelope
            },
            Limit = new Limit { Duration = 120, Data = 131_072 },
        });

        public async ValueTask ConnectAsync(HopMessage request, Dialogue<HopMessage, HopMessage> answer, CallContext context = default)
        {
            Destination = request.Peer.Id.ToByteArray();
            await answer.SendAsync(new HopMessage { Status = status });
            if (status == Status.Ok)
            {
                Circuit = EchoAsync(answer.Detach());
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
