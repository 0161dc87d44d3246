using System.ComponentModel;

namespace Libp2p;

/// <summary>What the failure of a handler is: for the remote, the reason its stream is reset with.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HandlerFailure
{
    /// <summary>
    /// The reason to reset a stream with whose handler, or what was done on its behalf, ended with the exception. An exception of the
    /// library's keeps its reason and code; any other one is <see cref="ErrorCode.HandlerFailed"/>, and its text stays here: the remote
    /// sees the code only.
    /// </summary>
    /// <param name="failure">What was thrown.</param>
    public static EndReason ReasonFor(Exception failure) => ResetReason.OfHandler(failure);
}
