namespace Libp2p.Generators.Model;

/// <summary>Who may call an operation, how its failures travel, and how long its streams live.</summary>
/// <param name="Access">The policy that admits callers; null: anyone.</param>
/// <param name="ResetCodes">Exceptions and their codes, the most derived first.</param>
/// <param name="PerPeer">With <c>[PerPeer]</c>: long-lived streams to each peer.</param>
/// <param name="IsIdempotent">With <c>[Idempotent]</c>: a request may be sent twice.</param>
internal sealed record PolicyModel(string? Access, EquatableArray<ResetCodeModel> ResetCodes, int? PerPeer, bool IsIdempotent);

/// <summary>An exception, and the code that stands for it on the wire.</summary>
/// <param name="Code">The application's code.</param>
/// <param name="Exception">The type, <c>global::</c>-qualified.</param>
/// <param name="Constructor">How one is made of a message and a cause.</param>
internal sealed record ResetCodeModel(uint Code, string Exception, ExceptionConstructor Constructor);

/// <summary>The best constructor that an exception has.</summary>
internal enum ExceptionConstructor
{
    /// <summary>None that will do: the initiator gets the reset itself.</summary>
    None,

    /// <summary>Without arguments.</summary>
    Empty,

    /// <summary>Takes a message.</summary>
    Message,

    /// <summary>Takes a message and a cause.</summary>
    MessageAndCause,
}
