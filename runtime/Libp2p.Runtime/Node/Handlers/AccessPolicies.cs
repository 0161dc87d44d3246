using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p.Node.Handlers;

/// <summary>The node's access policies, by name: asked before a handler sees a stream. What is not clearly admitted is refused.</summary>
internal sealed class AccessPolicies(IReadOnlyDictionary<string, AccessPolicy> policies, TimeSpan timeout, NodeTelemetry telemetry)
{
    /// <summary>Checks that the policy of a handler exists, when the handler is registered.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public void EnsureKnown(StreamHandler handler)
    {
        if (handler.AccessPolicy is { } name && !policies.ContainsKey(name))
        {
            throw new InvalidOperationException(
                $"{string.Join(", ", handler.Ids)} admits callers by the policy '{name}', which the node does not have; register it with Policy(\"{name}\", …).");
        }
    }

    /// <summary>Asks the handler's policy. When the time is over the stream is reset at once, and the caller leaves a policy behind that does not return.</summary>
    /// <exception cref="AccessDeniedException">The policy refused, failed, or took too long.</exception>
    public async ValueTask EnsureAdmittedAsync(P2PStream stream, StreamHandler handler, CancellationToken cancellationToken)
    {
        if (handler.AccessPolicy is { } name && await RefusalAsync(stream, name, cancellationToken) is { } refusal)
        {
            telemetry.CallRefused(stream.Protocol, name);
            throw refusal;
        }
    }

    private async ValueTask<AccessDeniedException?> RefusalAsync(P2PStream stream, string name, CancellationToken cancellationToken)
    {
        AccessDeniedException tooLate = new(FormattableString.Invariant($"{stream.Protocol}: the policy '{name}' took longer than {timeout.TotalSeconds} s"));
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stream.Aborted, cancellationToken);
        using Deadline deadline = Deadline.Start(timeout, stream.Time, ends.Token);
        using CancellationTokenRegistration resets = deadline.Token.UnsafeRegister(_ => ResetIfOver(stream, deadline, tooLate), null);
        try
        {
            bool isAdmitted = await policies[name](new AccessRequest(stream.Connection!, stream.Protocol), deadline.Token);
            return deadline.IsOver ? tooLate
                : isAdmitted ? null
                : new AccessDeniedException($"{stream.Protocol}: the policy '{name}' refused {stream.RemotePeer}");
        }
        catch (Exception e) when (!ends.IsCancellationRequested)
        {
            return deadline.IsOver ? tooLate : new AccessDeniedException($"{stream.Protocol}: the policy '{name}' failed", e);
        }
    }

    private static void ResetIfOver(P2PStream stream, Deadline deadline, AccessDeniedException tooLate)
    {
        if (deadline.IsOver)
        {
            stream.Reset(tooLate.Reason);
        }
    }
}
