namespace Libp2p.Peer.Tests.Differential;

/// <summary>Where js-libp2p is known to read otherwise, and why we do not follow. docs/decisions tells what we chose for each format.</summary>
/// <param name="Reason">What js does.</param>
/// <param name="Explains">Whether this is it.</param>
internal sealed record KnownDisagreement(string Reason, Func<Comparison, bool> Explains)
{
    private static readonly string[] s_noPeerId =
    [
        "digest", "peers are named by", "an inlined key", "stands for more bytes", "not in the alphabet", "no base has this prefix", "the CID is not",
        "shortest encoding", "padding", "no bytes have a text", "longer than 9 bytes", "inside the number", "loose bits",
    ];

    private static readonly string[] s_encoded = ["/p2p/", "/ipfs/", "/certhash/", "/onion"];

    public static readonly IReadOnlyList<KnownDisagreement> OfAddresses =
    [
        new("I2P addresses: js keeps their characters, go and we their bytes", c => c.Mentions("/garlic")),
        new("paths: js takes one escaped segment, go and we the rest of the address", c => c.Mentions("/unix", "/http-path")),
        new("memory: js keeps the text, go, rust and we a number of 64 bits", c => c.Mentions("/memory")),
        new("js does not ask whether the value of p2p is a peer id", c => c.Mentions("/p2p/", "/ipfs/") && c.OnlyJsReads(s_noPeerId)),
        new("js does not ask whether the value of certhash is a multihash", c => c.Mentions("/certhash/") && c.OnlyJsReads(s_noPeerId)),
        new("js prints ids, hashes and onions as they were written, we in their one form", c => c.Mentions(s_encoded) && c.Differences is ["text"]),
        new("js reads an empty address", c => c.OnlyJsReads("multiaddress: empty (")),
        new("js passes over empty segments", c => c.OnlyJsReads("an empty segment", "a value is missing")),
        new("js takes what is there of a value that is cut short", c => c.OnlyJsReads("ends inside a value")),
        new("js reads padded varints", c => c.OnlyJsReads("shortest encoding")),
        new("js puts anything into names", c => c.OnlyJsReads("a name is not UTF-8", "a name holds")),
        new("js refuses leading zeros of a port, go and rust read them", c => c.OnlyWeRead("Value must be an integer")),
        new("js reads the beginning of a number, and drops its high bits", c => c.OnlyJsReads("not a decimal number", "out of range")),
        new("js takes the length of ipcidr from its digits", c => c.Mentions("/ipcidr/") && c.BothRead),
        new("js reads line ends within an IPv6 address", c => c.OnlyJsReads("not an IPv6 address")),
        new("js prints IPv4-mapped addresses in hex", c => c.Mentions("/::ffff:") && c.Differences is ["text"]),
        new("js does not know these protocols", c => c.OnlyWeRead("Protocol 456 was unknown", "Protocol shs was unknown")),
    ];

    public static readonly IReadOnlyList<KnownDisagreement> OfPeerIds =
    [
        new("js wants an inlined key to be a point of its curve, or else a URL", c => c.OnlyWeRead("Invalid URL")),
        new("js knows CIDs by the prefixes of whole ids only", c => c.OnlyWeRead("Please pass a multibase decoder")),
        new("js takes a SHA2-256 of any length", c => c.OnlyJsReads("a SHA2-256 digest is 32 bytes")),
        new("js looks up characters beyond Latin by their low byte", c => c.OnlyJsReads("not in the alphabet") && !System.Text.Ascii.IsValid(c.Texts)),
    ];

    public static readonly IReadOnlyList<KnownDisagreement> OfKeys =
    [
        new("js's ECDSA is nobody else's", c => c.WeRead && !c.JsReads && c.Request["hex"]!.GetValue<string>().Contains("2a8648ce3d", StringComparison.Ordinal)),
        new("js reads protobuf by field numbers alone", c => c.OnlyJsReads("no protobuf message", "no message of type and data", "is missing")),
        new("js does not ask whether an RSA key could be used", c => c.OnlyJsReads("no signature could be verified", "an RSA key is")),
        new("js reads RSA keys under any algorithm", c => c.OnlyJsReads("the signature is not") && c.Request["hex"]!.GetValue<string>().Contains("080012a6", StringComparison.Ordinal)),
        new("js does not ask whether the halves of an Ed25519 key belong together", c => c.OnlyJsReads("the public half is not")),
    ];
}
