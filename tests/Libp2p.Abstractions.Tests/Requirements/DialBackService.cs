using Libp2p.Protocols.AutoNatV2;
using Libp2p.Tests.Calls;

namespace Libp2p.Tests.Requirements;

/// <summary>Knows the nonces that are out, and takes each back once.</summary>
internal sealed class DialBackService(params ulong[] nonces) : IAutoNatDialBack
{
    private readonly HashSet<ulong> _nonces = [.. nonces];

    public List<ulong> TakenBack { get; } = [];

    public ValueTask<DialBackResponse?> DialBackAsync(DialBack message, CallContext context = default)
    {
        if (!_nonces.Remove(message.Nonce))
        {
            return new((DialBackResponse?)null);
        }

        TakenBack.Add(message.Nonce);
        return new(new DialBackResponse());
    }
}

/// <summary>Brings the nonce of a request back over another connection before it answers.</summary>
internal sealed class DialingServer(IAutoNatDialBack client) : IAutoNatDialRequest
{
    public async ValueTask DialAsync(DialRequest request, Dialogue<DialDataResponse, IDialAnswer> rest, CallContext context = default)
    {
        DialBackResponse? back = await client.DialBackAsync(new DialBack { Nonce = request.Nonce }, context.CancellationToken);
        await rest.SendAsync(new DialResponse { DialStatus = back is null ? DialStatus.EDialBackError : DialStatus.Ok });
    }
}
