namespace Libp2p;

/// <summary>Who ended a stream or a connection.</summary>
public enum EndedBy
{
    /// <summary>Our side: the application or the node closed it.</summary>
    Local,

    /// <summary>The remote peer.</summary>
    Remote,

    /// <summary>What carried it: the link broke, or the connection below a stream ended.</summary>
    Link,

    /// <summary>A limit of ours: size, count, time or memory.</summary>
    Limit,

    /// <summary>The caller's cancellation token.</summary>
    Caller,

    /// <summary>The remote broke the rules of a protocol, and we ended it.</summary>
    Violation,
}

/// <summary>Why a stream or a connection ended: the first reason wins and is kept.</summary>
/// <param name="By">Who ended it.</param>
/// <param name="Code">The code that travelled, or <see cref="ErrorCode.None"/>.</param>
/// <param name="Reason">A sentence for people: what happened, without a full stop.</param>
/// <param name="Cause">The exception behind it, if there is one.</param>
public sealed record EndReason(EndedBy By, ErrorCode Code, string Reason, Exception? Cause = null)
{
    /// <summary>Whether it ended as planned: closed by either side without a code.</summary>
    public bool IsClean => Code == ErrorCode.None && Cause is null && By is EndedBy.Local or EndedBy.Remote;

    /// <inheritdoc/>
    public override string ToString() => Code == ErrorCode.None ? $"{Reason} (by {By})" : $"{Reason} (by {By}, code {Code})";
}
