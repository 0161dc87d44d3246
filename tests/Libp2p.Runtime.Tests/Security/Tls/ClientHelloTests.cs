using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Libp2p.Scheduling;
using Libp2p.Security.Tls;

namespace Libp2p.Tests.Security.Tls;

/// <summary>A client's first message, as it comes from real clients, in pieces, and spoiled.</summary>
public sealed class ClientHelloTests
{
    private static readonly byte[] s_hello = Hello(TlsAlpn.Offer(["/yamux/1.0.0", "/mplex/6.7.0"]));

    [Fact]
    public void What_a_client_offers_is_read_in_its_order()
    {
        ClientHello hello = ClientHello.TryRead(new ReadOnlySequence<byte>(s_hello))!;
        Assert.Equal(["/yamux/1.0.0", "/mplex/6.7.0", "libp2p"], hello.Protocols!.Select(name => Encoding.UTF8.GetString(name.Span)));
        Assert.False(hello.HasServerName, "libp2p names no server");
    }

    [Fact]
    public void Without_the_extension_nothing_is_offered()
    {
        ClientHello hello = ClientHello.TryRead(new ReadOnlySequence<byte>(Hello([], "example.org")))!;
        Assert.Null(hello.Protocols);
        Assert.True(hello.HasServerName);
    }

    [Fact]
    public void It_may_come_in_any_pieces()
    {
        foreach (ReadOnlySequence<byte> split in Splits.OfEachKind(s_hello))
        {
            Assert.Equal(3, ClientHello.TryRead(split)!.Protocols!.Count);
        }

        for (int length = 0; length < s_hello.Length; length++)
        {
            Assert.Null(ClientHello.TryRead(new ReadOnlySequence<byte>(s_hello, 0, length)));
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(100)]
    public void It_may_lie_in_several_records(int size)
    {
        byte[] records = Fragmented(s_hello[TlsRecord.HeaderSize..], size);
        Assert.Equal(3, ClientHello.TryRead(new ReadOnlySequence<byte>(records))!.Protocols!.Count);
        Assert.Null(ClientHello.TryRead(new ReadOnlySequence<byte>(records, 0, records.Length - 1)));
    }

    [Fact]
    public void It_may_not_be_cut_into_crumbs()
    {
        ReadOnlySequence<byte> crumbs = new(Fragmented(s_hello[TlsRecord.HeaderSize..], 1));
        Assert.Null(ClientHello.TryRead(crumbs.Slice(0, ClientHello.MaxRecords * (TlsRecord.HeaderSize + 1))));
        Assert.Throws<ProtocolViolationException>(() => ClientHello.TryRead(crumbs.Slice(0, (ClientHello.MaxRecords + 1) * (TlsRecord.HeaderSize + 1))));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "are no TLS record")]
    [InlineData("\u0013/multistream/1.0.0\n", "are no TLS record")]
    [InlineData("\u0016\u0002", "are no TLS record")]
    [InlineData("\u0016\u0003\u0001\u007f\u007f", "of which 16640 are allowed")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000", "message of type 2")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0040\u0001", "of which 16384 are allowed")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u007f\u0000\u0000", "of which 16384 are allowed")]
    [InlineData("\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000", "is malformed")]
    [InlineData("\u0017\u0003\u0003\u0000\u0001\u0001", "record of type 23")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028", "record of type 21")]
    public void What_is_none_is_refused_as_soon_as_that_shows(string bytes, string said)
    {
        ReadOnlySequence<byte> sequence = new(Encoding.Latin1.GetBytes(bytes));
        ProtocolViolationException refused = Assert.Throws<ProtocolViolationException>(() => ClientHello.TryRead(sequence));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_a_violation_or_harmless()
    {
        Random random = new(7);
        for (int i = 0; i < 5000; i++)
        {
            try
            {
                ClientHello.TryRead(new ReadOnlySequence<byte>(Mutations.Mutate(s_hello, random)));
            }
            catch (ProtocolViolationException)
            {
                // What it must be.
            }
        }
    }

    [Theory]
    [InlineData("/a libp2p", "/a", "/a")]
    [InlineData("/b /a libp2p", "/a /b", "/b")]
    [InlineData("/x libp2p", "/a", "libp2p")]
    [InlineData("libp2p /a", "/a", "libp2p")]
    [InlineData("/x", "/a", "")]
    [InlineData("h2 http/1.1", "/a", "")]
    public void The_dialers_order_decides(string offered, string ours, string chosen)
    {
        ReadOnlyMemory<byte>[] names = [.. offered.Split(' ').Select(name => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(name))];
        Assert.Equal(chosen, Encoding.UTF8.GetString(TlsAlpn.Choose(names, [.. ours.Split(' ').Select(id => new ProtocolId(id))]).Span));
    }

    [Fact]
    public void A_list_of_muxers_that_is_too_long_is_ignored()
    {
        ReadOnlyMemory<byte>[] names = [.. Enumerable.Range(0, 101).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"/{i}"))];
        Assert.Empty(TlsAlpn.MuxersOf(names));
        Assert.Equal(100, TlsAlpn.MuxersOf(names[..100]).Count);
        Assert.Single(TlsAlpn.MuxersOf([new byte[] { 0xFF, 0xFE }, "a\nb"u8.ToArray(), "/a"u8.ToArray(), "libp2p"u8.ToArray()]));
    }

    /// <summary>What the platform's client sends first.</summary>
    private static byte[] Hello(List<SslApplicationProtocol> protocols, string server = "")
    {
        TlsWire wire = new();
        Pipe pipe = new(new PipeOptions(readerScheduler: ThreadPoolScheduler.Instance, useSynchronizationContext: false));
        SslStream client = new(wire, leaveInnerStreamOpen: true);
        _ = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = server,
            EnabledSslProtocols = SslProtocols.Tls13,
            ApplicationProtocols = protocols.Count > 0 ? protocols : null,
        });
        Assert.True(wire.IsHungry);
        wire.MoveKept(pipe.Writer);
        wire.Break(new IOException("enough"));
        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out ReadResult read));
        return read.Buffer.ToArray();
    }

    private static byte[] Fragmented(byte[] message, int size) =>
        [.. message.Chunk(size).SelectMany(part => (byte[])[TlsRecord.Handshake, 3, 1, (byte)(part.Length >> 8), (byte)part.Length, .. part])];
}
