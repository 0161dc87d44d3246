using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.TestKit;

/// <summary>
/// Every rule of a security protocol, in both roles. Inherit it and make the protocol. All runs on one queue, so that a handshake which
/// hangs fails at once and two runs do the same.
/// </summary>
public abstract partial class SecurityContract
{
    private readonly QueueScheduler _queue = new();

    /// <summary>The protocol, with all its randomness from the seed where it has any.</summary>
    protected abstract ISecurityProtocol Create(ulong seed);

    /// <summary>What it promises.</summary>
    protected abstract SecurityFeatures Features { get; }

    /// <summary>The most bytes that it takes from a remote whose handshake does not succeed.</summary>
    protected virtual int MostBeforeAuthentication => 64 * 1024;

    /// <summary>The most bytes that may wait between a writer and a reader that does not read.</summary>
    protected virtual int MostHeld => 1024 * 1024;

    /// <summary>Of the bytes of a handshake, each of which is spoiled in turn, every how many is: 1 for all.</summary>
    protected virtual int Stride => 1;

    /// <summary>How long, in real time, to wait for continuations that leave the scheduler; zero for a protocol that never does.</summary>
    protected virtual TimeSpan Patience => TimeSpan.Zero;

    /// <summary>Both roles: a rule holds for the end in this role.</summary>
    public static TheoryData<ConnectionRole> Roles => [ConnectionRole.Initiator, ConnectionRole.Responder];

    /// <summary>The initiator's identity.</summary>
    protected static KeyPairSigner Alice { get; } = TestIdentity.Ed25519(1);

    /// <summary>The responder's identity.</summary>
    protected static KeyPairSigner Bob { get; } = TestIdentity.Ed25519(2);

    /// <summary>An identity that takes no part.</summary>
    protected static KeyPairSigner Carol { get; } = TestIdentity.Ed25519(3);

    private bool Has(SecurityFeatures feature) => Features.HasFlag(feature);

    private void Run(Func<Task> test) => _queue.Run(test, Patience);

    /// <summary>Starts a handshake over a fresh wire.</summary>
    /// <param name="initiator">Changes what the initiator is told.</param>
    /// <param name="responder">Changes what the responder is told.</param>
    /// <param name="tap">Says what goes wrong on the wire.</param>
    /// <param name="segmentSize">Bytes in a segment of what is read; -1: the pool's.</param>
    private Handshake Begin(
        Func<SecurityRequest, SecurityRequest>? initiator = null,
        Func<SecurityRequest, SecurityRequest>? responder = null,
        Action<TappedWire>? tap = null,
        int segmentSize = -1)
    {
        TappedWire wire = new(_queue, segmentSize);
        tap?.Invoke(wire);
        Handshake handshake = new(wire, _queue);
        SecurityRequest first = Request(ConnectionRole.Initiator, Alice);
        SecurityRequest second = Request(ConnectionRole.Responder, Bob);
        handshake.Responding = SecureAsync(wire.Responder, responder?.Invoke(second) ?? second, seed: 102, handshake.ResponderGivesUp.Token);
        handshake.Initiating = SecureAsync(wire.Initiator, initiator?.Invoke(first) ?? first, seed: 101, handshake.InitiatorGivesUp.Token);
        return handshake;
    }

    /// <summary>As a caller does: the link of a failed handshake is closed, so that the other end does not wait.</summary>
    private async Task<SecuredLink> SecureAsync(MemoryLink link, SecurityRequest request, ulong seed, CancellationToken cancellationToken)
    {
        try
        {
            return await Create(seed).SecureAsync(link, request, cancellationToken);
        }
        catch
        {
            Assert.False(link.IsDisposed || link.AbortReason is not null, "A handshake that fails leaves the link to its caller.");
            await link.DisposeAsync();
            throw;
        }
    }

    private static SecurityRequest Request(ConnectionRole role, IIdentitySigner identity) =>
        new() { Role = role, ExpectedPeer = ExpectedPeer.Anyone, Identity = identity };

    /// <summary>Both ends of one handshake, and the wire between them.</summary>
    private sealed class Handshake(TappedWire wire, QueueScheduler queue) : IAsyncDisposable
    {
        private readonly Task _forwarding = wire.ForwardAsync();

        public TappedWire Wire { get; } = wire;

        public Task<SecuredLink> Initiating { get; set; } = null!;

        public Task<SecuredLink> Responding { get; set; } = null!;

        public CancellationTokenSource InitiatorGivesUp { get; } = new();

        public CancellationTokenSource ResponderGivesUp { get; } = new();

        public Task<SecuredLink> Of(ConnectionRole role) => role == ConnectionRole.Initiator ? Initiating : Responding;

        public TappedDirection Towards(ConnectionRole role) => role == ConnectionRole.Initiator ? Wire.ToInitiator : Wire.ToResponder;

        public MemoryLink LinkOf(ConnectionRole role) => role == ConnectionRole.Initiator ? Wire.Initiator : Wire.Responder;

        public async Task<(SecuredLink Initiator, SecuredLink Responder)> BothAsync() => (await Initiating, await Responding);

        /// <summary>The links in the order of a role: the role's own first.</summary>
        public async Task<(IByteLink Here, IByteLink There)> LinksAsync(ConnectionRole role) =>
            ((await Of(role)).Link, (await Of(Other(role))).Link);

        public Task IdleAsync() => queue.IdleAsync();

        public async ValueTask DisposeAsync()
        {
            Wire.Cut(); // what still waits, fails
            foreach (Task<SecuredLink> securing in new[] { Initiating, Responding })
            {
                try
                {
                    await (await securing).Link.DisposeAsync();
                }
                catch (Exception e) when (e is IOException or OperationCanceledException)
                {
                    // Cut off, or failed before: what the test looked at is over.
                }
            }

            Wire.ToInitiator.Release();
            Wire.ToResponder.Release();
            await _forwarding;
            InitiatorGivesUp.Dispose();
            ResponderGivesUp.Dispose();
        }
    }

    private static ConnectionRole Other(ConnectionRole role) =>
        role == ConnectionRole.Initiator ? ConnectionRole.Responder : ConnectionRole.Initiator;
}
