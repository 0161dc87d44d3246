namespace Libp2p.Protocols.AutoNatV2;

/// <summary>What the server may send: <see cref="DialDataRequest"/>, at most once, then <see cref="DialResponse"/>.</summary>
public interface IDialAnswer;

/// <content>The server's.</content>
public sealed partial class DialDataRequest : IDialAnswer;

/// <content>The server's.</content>
public sealed partial class DialResponse : IDialAnswer;
