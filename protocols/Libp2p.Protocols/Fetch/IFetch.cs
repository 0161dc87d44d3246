namespace Libp2p.Protocols.Fetch;

/// <summary>Fetches the value of a key from a peer that has it.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/fetch/README.md. OK with an empty value may have no bytes at all, and is a reply. The text
/// sets no sizes: these are ours, to be overridden where values are larger.
/// <code>
/// initiator  varint length, FetchRequest, the end  ->
///            &lt;-  varint length, FetchResponse, the end   responder
/// </code>
/// </remarks>
[Protocol("/libp2p/fetch/0.0.1")]
[Limits(MaxRequest = 4 * Size.KiB, MaxResponse = 1 * Size.MiB, ExchangeSeconds = 10, InboundPerPeer = 32, OutboundPerPeer = 32)]
public partial interface IFetch
{
    /// <summary>Looks the identifier up.</summary>
    /// <returns>OK with the value, which may be empty; NOT_FOUND; or ERROR, which means the same.</returns>
    ValueTask<FetchResponse> FetchAsync(FetchRequest request, CallContext context = default);
}
