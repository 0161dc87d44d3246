namespace Libp2p.Multiformats;

/// <summary>Why a text or a run of bytes was refused: what the <c>Try</c> forms hand out instead of throwing.</summary>
/// <param name="Position">Offset of the offending byte (binary forms) or UTF-16 code unit (text forms) in the input.</param>
/// <param name="Reason">A short constant sentence. It never quotes the input, so it is safe to log and cheap to make.</param>
public readonly record struct MultiformatError(int Position, string Reason);
