namespace Libp2p;

/// <summary>
/// Running the operation twice is harmless, so a request that the responder may have read may be sent again: on a fresh stream, where a
/// kept one (<see cref="ReuseAttribute"/>) fails before a byte of the response. Without it a call runs its handler once at the most, and
/// such a failure is the caller's to handle; <see cref="CallContext.MayRepeat"/> says the same for one call.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IdempotentAttribute : Attribute;
