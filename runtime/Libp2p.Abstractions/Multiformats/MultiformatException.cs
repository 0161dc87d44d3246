using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Multiformats;

/// <summary>
/// The input of a multiformat or identity parser is not what it claims to be. It is the only error those parsers raise about
/// their input; each of them also has a <c>Try</c> form that raises none.
/// </summary>
public sealed class MultiformatException : FormatException
{
    private const int MaxExcerptLength = 24;

    /// <summary>Describes a refused input.</summary>
    /// <param name="format">What the input was read as, for example <c>multiaddress</c>.</param>
    /// <param name="error">Where and why it was refused.</param>
    public MultiformatException(string format, MultiformatError error)
        : base($"Not a valid {format}: {error.Reason} (at {error.Position}).")
    {
        Format = format;
        Position = error.Position;
        Reason = error.Reason;
    }

    private MultiformatException(string format, MultiformatError error, string near)
        : base($"Not a valid {format}: {error.Reason} (at {error.Position}, near '{near}').")
    {
        Format = format;
        Position = error.Position;
        Reason = error.Reason;
    }

    /// <summary>What the input was read as.</summary>
    public string Format { get; }

    /// <summary>Offset of the offending byte (binary forms) or UTF-16 code unit (text forms).</summary>
    public int Position { get; }

    /// <summary>Why the input was refused, without quoting it.</summary>
    public string Reason { get; }

    [DoesNotReturn]
    internal static void Throw(string format, MultiformatError error) => throw new MultiformatException(format, error);

    /// <summary>Throws with a short printable excerpt of the text in the message, which is for people.</summary>
    [DoesNotReturn]
    internal static void Throw(string format, MultiformatError error, ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> near = text[Math.Min(error.Position, text.Length)..];
        int end = near.IndexOf('/');
        near = near[..Math.Min(end < 0 ? near.Length : end, MaxExcerptLength)];

        throw new MultiformatException(format, error, string.Create(near.Length, near, static (excerpt, source) =>
        {
            for (int i = 0; i < excerpt.Length; i++)
            {
                excerpt[i] = source[i] is > ' ' and < '\x7F' ? source[i] : '?';
            }
        }));
    }

    [DoesNotReturn]
    internal static void Throw(string format, string reason) => throw new MultiformatException(format, new MultiformatError(0, reason));
}
