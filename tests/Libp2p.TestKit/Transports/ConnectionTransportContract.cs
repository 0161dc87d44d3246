using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.TestKit;

/// <summary>
/// Every rule of a transport that yields secured connections with streams, from both ends. Inherit it and say how to make one. The rules of
/// the streams are <see cref="MuxerContract"/>'s: inherit that too, over connections of <see cref="ConnectAsync"/>.
/// </summary>
public abstract class ConnectionTransportContract
{
    /// <summary>How long what should happen may take before a test gives up.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly EndReason s_refusal = new(EndedBy.Local, ErrorCode.Gated, "It is not wanted");

    /// <summary>A transport of a node, which reaches those of other nodes.</summary>
    protected abstract IConnectionTransport Create(IIdentitySigner identity);

    /// <summary>An address to listen on whose port is free.</summary>
    protected abstract Multiaddress Anywhere { get; }

    /// <summary>What its streams can do.</summary>
    protected abstract MuxerCapabilities Capabilities { get; }

    /// <summary>The dialler's identity.</summary>
    protected static KeyPairSigner Alice { get; } = TestIdentity.Ed25519(1);

    /// <summary>The listener's identity.</summary>
    protected static KeyPairSigner Bob { get; } = TestIdentity.Ed25519(2);

    /// <summary>Two ends of a connection.</summary>
    protected async Task<ConnectedPair> ConnectAsync(Judge? dialler = null, Judge? listener = null)
    {
        ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        Task<UpgradedConnection> accepting = AcceptAsync(listening, (listener ?? new Judge()).Admission, default);
        UpgradedConnection dialled = await Soon(Create(Alice).DialAsync(
            new TransportDial(listening.Addresses[0], ExpectedPeer.Exactly(Bob.PublicKey.PeerId), (dialler ?? new Judge()).Admission), default).AsTask());
        return new ConnectedPair(listening, dialled, await Soon(accepting));
    }

    [Fact]
    public async Task Each_end_knows_the_others_identity_and_address_and_nothing_was_agreed_above_it()
    {
        await using ConnectedPair pair = await ConnectAsync();

        Assert.Equal((Bob.PublicKey.PeerId, Bob.PublicKey), (pair.Dialled.Security.RemotePeer, pair.Dialled.Security.RemoteKey));
        Assert.Equal((Alice.PublicKey.PeerId, Alice.PublicKey), (pair.Accepted.Security.RemotePeer, pair.Accepted.Security.RemoteKey));
        Assert.Equal(pair.Listener.Addresses[0], pair.Dialled.RemoteAddress);
        Assert.Equal(pair.Dialled.LocalAddress, pair.Accepted.RemoteAddress);
        foreach (UpgradedConnection end in new[] { pair.Dialled, pair.Accepted })
        {
            Assert.Equal((null, null, null), (end.Security.Protocol, end.Security.EarlyMuxer, end.Muxer));
            Assert.Equal(Capabilities, end.Muxed.Capabilities);
            Assert.Equal((false, null), (end.IsRelayed, end.Limit));
        }
    }

    [Fact]
    public async Task Each_end_is_admitted_once_as_the_peer_that_was_authenticated()
    {
        Judge dialler = new(), listener = new();
        await using ConnectedPair pair = await ConnectAsync(dialler, listener);

        Assert.Equal([Bob.PublicKey.PeerId], dialler.Asked);
        Assert.Equal([Alice.PublicKey.PeerId], listener.Asked);
    }

    [Fact]
    public async Task Another_peer_than_the_expected_one_is_refused_before_it_is_admitted()
    {
        Judge dialler = new(), listener = new();
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        Task<UpgradedConnection> accepting = AcceptAsync(listening, listener.Admission, default);
        TransportDial dial = new(listening.Addresses[0], ExpectedPeer.Exactly(Alice.PublicKey.PeerId), dialler.Admission);
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => Soon(Create(Alice).DialAsync(dial, default).AsTask()));

        Assert.Contains(Bob.PublicKey.PeerId.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Empty(dialler.Asked);
        await EndsAsync(accepting);
        Assert.Equal((0, 0), (dialler.Memory, listener.Memory));
    }

    [Fact]
    public async Task A_dialler_that_does_not_admit_the_remote_has_no_connection()
    {
        Judge dialler = new(s_refusal), listener = new();
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        Task<UpgradedConnection> accepting = AcceptAsync(listening, listener.Admission, default);
        TransportDial dial = new(listening.Addresses[0], ExpectedPeer.Anyone, dialler.Admission);
        await Assert.ThrowsAnyAsync<Libp2pException>(() => Soon(Create(Alice).DialAsync(dial, default).AsTask()));

        Assert.Single(dialler.Asked);
        await EndsAsync(accepting);
        Assert.Equal((0, 0), (dialler.Memory, listener.Memory));
    }

    [Fact]
    public async Task A_listener_that_does_not_admit_the_remote_ends_the_connection_with_its_code()
    {
        Judge dialler = new(), listener = new(s_refusal);
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        Task<UpgradedConnection> accepting = AcceptAsync(listening, listener.Admission, default);
        TransportDial dial = new(listening.Addresses[0], ExpectedPeer.Anyone, dialler.Admission);
        Task<UpgradedConnection> dialling = Create(Alice).DialAsync(dial, default).AsTask();
        await Assert.ThrowsAnyAsync<Libp2pException>(() => Soon(accepting));

        Assert.Single(listener.Asked);
        if (await EndsAsync(dialling) is { } seen && Capabilities.HasFlag(MuxerCapabilities.ResetCodes))
        {
            Assert.Equal((EndedBy.Remote, ErrorCode.Gated), (seen.By, seen.Code));
        }

        Assert.Equal((0, 0), (dialler.Memory, listener.Memory));
    }

    [Fact]
    public async Task A_remote_that_is_refused_before_its_handshake_has_no_connection()
    {
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        Judge dialler = new();
        Task<UpgradedConnection> dialling =
            Create(Alice).DialAsync(new TransportDial(listening.Addresses[0], ExpectedPeer.Anyone, dialler.Admission), default).AsTask();
        IPendingConnection<UpgradedConnection> pending = (await Soon(listening.AcceptAsync(default).AsTask()))!;
        await pending.DisposeAsync();
        await pending.DisposeAsync();

        await Assert.ThrowsAnyAsync<IOException>(() => Soon(dialling));
        Assert.Empty(dialler.Asked);
    }

    [Fact]
    public async Task A_dial_is_cancelled_while_the_listener_does_not_answer_and_leaves_nothing()
    {
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        using CancellationTokenSource source = new();
        Judge dialler = new(), listener = new();
        Task<UpgradedConnection> dialling =
            Create(Alice).DialAsync(new TransportDial(listening.Addresses[0], ExpectedPeer.Anyone, dialler.Admission), source.Token).AsTask();
        await using IPendingConnection<UpgradedConnection> pending = (await Soon(listening.AcceptAsync(default).AsTask()))!;
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(dialling));

        await Assert.ThrowsAnyAsync<IOException>(() => Soon(pending.AcceptAsync(listener.Admission, default).AsTask()));
        Assert.Equal((0, 0), (dialler.Memory, listener.Memory));
    }

    [Fact]
    public async Task Waiting_to_accept_can_be_given_up_and_taken_up_again()
    {
        await using ITransportListener<UpgradedConnection> listening = await Create(Bob).ListenAsync(Anywhere, default);
        using CancellationTokenSource source = new();
        Task<IPendingConnection<UpgradedConnection>?> accepting = listening.AcceptAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(accepting));

        Task<UpgradedConnection> taken = AcceptAsync(listening, new Judge().Admission, default);
        await using UpgradedConnection dialled = await Soon(Create(Alice).DialAsync(
            new TransportDial(listening.Addresses[0], ExpectedPeer.Anyone, new Judge().Admission), default).AsTask());
        await using UpgradedConnection accepted = await Soon(taken);
        Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress);
    }

    [Fact]
    public async Task A_listener_that_is_disposed_of_accepts_no_more_and_what_it_accepted_lives_on()
    {
        await using ConnectedPair pair = await ConnectAsync();
        Task<IPendingConnection<UpgradedConnection>?> accepting = pair.Listener.AcceptAsync(default).AsTask();
        Multiaddress address = pair.Listener.Addresses[0];
        await pair.Listener.DisposeAsync();
        await pair.Listener.DisposeAsync();

        Assert.Null(await Soon(accepting));
        Assert.Null(await Soon(pair.Listener.AcceptAsync(default).AsTask()));
        await Assert.ThrowsAnyAsync<IOException>(() => Soon(Create(Alice).DialAsync(
            new TransportDial(address, ExpectedPeer.Anyone, new Judge().Admission), default).AsTask()));
        await using IMuxedStream stream = await Soon(pair.Dialled.Muxed.OpenStreamAsync(default).AsTask());
        await stream.Output.WriteAsync(new byte[1]);
        await using IMuxedStream? accepted = await Soon(pair.Accepted.Muxed.AcceptStreamAsync(default).AsTask());
        Assert.Single(await Soon(accepted!.Input.ReadExactlyAsync(1)));
    }

    [Fact]
    public async Task An_address_is_listened_on_once()
    {
        IConnectionTransport transport = Create(Bob);
        await using ITransportListener<UpgradedConnection> listening = await transport.ListenAsync(Anywhere, default);
        await Assert.ThrowsAnyAsync<IOException>(() => transport.ListenAsync(listening.Addresses[0], default).AsTask());
    }

    [Fact]
    public async Task Memory_of_a_connection_is_asked_of_its_scope_and_given_back_when_it_ends()
    {
        Judge dialler = new(), listener = new();
        await using (ConnectedPair pair = await ConnectAsync(dialler, listener))
        {
            await using IMuxedStream stream = await Soon(pair.Dialled.Muxed.OpenStreamAsync(default).AsTask());
            await stream.Output.WriteAsync(new byte[100_000]);
            await using IMuxedStream? accepted = await Soon(pair.Accepted.Muxed.AcceptStreamAsync(default).AsTask());
            Assert.Equal(100_000, (await Soon(accepted!.Input.ReadExactlyAsync(100_000))).Length);
        }

        Assert.Equal((0, 0), (dialler.Memory, listener.Memory));
    }

    [Fact]
    public async Task Refusing_to_read_stops_the_remotes_writer_where_the_transport_can()
    {
        if (!Capabilities.HasFlag(MuxerCapabilities.StopSending))
        {
            return;
        }

        await using ConnectedPair pair = await ConnectAsync();
        await using IMuxedStream stream = await Soon(pair.Dialled.Muxed.OpenStreamAsync(default).AsTask());
        await stream.Output.WriteAsync(new byte[1]);
        await using IMuxedStream accepted = (await Soon(pair.Accepted.Muxed.AcceptStreamAsync(default).AsTask()))!;
        Task writing = WriteUntilStoppedAsync(stream);
        accepted.CloseRead(ErrorCode.Gated);

        await Soon(writing);
        await accepted.Output.WriteAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), await Soon(stream.Input.ReadExactlyAsync(10)));
    }

    [Theory]
    [InlineData("/memory/1")]
    [InlineData("/dns4/example.com/tcp/443/wss")]
    [InlineData("/ip6/::1/tcp/4001")]
    [InlineData("/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit")]
    [InlineData("/ip4/127.0.0.1/udp/0/quic-v1/webtransport/p2p-circuit/ip4/1.2.3.4/tcp/1")]
    public void An_address_of_any_form_is_judged_without_an_exception(string address)
    {
        IConnectionTransport transport = Create(Alice);
        Multiaddress parsed = Multiaddress.Parse(address);
        _ = transport.CanDial(parsed);
        _ = transport.CanListen(parsed);
        Assert.True(transport.CanListen(Anywhere));
        Assert.NotEmpty(transport.Name);
    }

    private static async Task WriteUntilStoppedAsync(IMuxedStream stream)
    {
        try
        {
            while (!(await stream.Output.WriteAsync(new byte[10_000])).IsCompleted)
            {
            }
        }
        catch (StreamResetException)
        {
            // Both say that there is no reader.
        }
    }

    private static async Task<UpgradedConnection> AcceptAsync(
        ITransportListener<UpgradedConnection> listener, ConnectionAdmission admission, CancellationToken cancellationToken)
    {
        await using IPendingConnection<UpgradedConnection> pending = (await Soon(listener.AcceptAsync(cancellationToken).AsTask()))!;
        return await pending.AcceptAsync(admission, cancellationToken);
    }

    /// <summary>The connection fails to come up, or ends at once.</summary>
    /// <returns>Why it ended, if it came up.</returns>
    private static async Task<EndReason?> EndsAsync(Task<UpgradedConnection> connecting)
    {
        UpgradedConnection connection;
        try
        {
            connection = await Soon(connecting);
        }
        catch (IOException)
        {
            return null;
        }

        EndReason end = await Soon(connection.Muxed.Completion);
        await connection.DisposeAsync();
        return end;
    }

    private static Task Soon(Task task) => task.WaitAsync(Patience);

    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    /// <summary>Both ends of a connection, and the listener that accepted one.</summary>
    protected sealed record ConnectedPair(ITransportListener<UpgradedConnection> Listener, UpgradedConnection Dialled, UpgradedConnection Accepted) : IAsyncDisposable
    {
        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await Listener.DisposeAsync();
            Task dialled = Dialled.DisposeAsync().AsTask();
            await Accepted.DisposeAsync();
            await dialled;
        }
    }

    /// <summary>Records whom it is asked about, and what memory is out.</summary>
    /// <param name="refusal">What it answers; null: it admits.</param>
    protected sealed class Judge(EndReason? refusal = null) : IResourceScope
    {
        private readonly List<PeerId> _asked = [];
        private long _memory;

        /// <summary>The peers in the order in which they were asked about.</summary>
        public IReadOnlyList<PeerId> Asked => _asked;

        /// <summary>Bytes that were reserved and not released.</summary>
        public long Memory => Interlocked.Read(ref _memory);

        /// <summary>What a transport is given.</summary>
        public ConnectionAdmission Admission => new(this, Admit);

        /// <inheritdoc/>
        public ResourceScopeKind Kind => ResourceScopeKind.Connection;

        /// <inheritdoc/>
        public string Name => "contract";

        /// <inheritdoc/>
        public ResourceUsage Usage => new(Memory, 0, 0, 0, 0);

        /// <inheritdoc/>
        public bool TryReserveMemory(long bytes)
        {
            Interlocked.Add(ref _memory, bytes);
            return true;
        }

        /// <inheritdoc/>
        public void ReleaseMemory(long bytes) => Interlocked.Add(ref _memory, -bytes);

        private EndReason? Admit(SecurityResult remote)
        {
            lock (_asked)
            {
                _asked.Add(remote.RemotePeer);
            }

            return refusal;
        }
    }
}
