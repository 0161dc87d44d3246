using System.Diagnostics.CodeAnalysis;

namespace Libp2p;

/// <summary>
/// A shape of addresses, by which transports say what they can dial or listen on. Patterns are small expressions over protocols:
/// <code>
/// MultiaddressPattern.Host.Then(MultiaddressProtocol.Tcp).Then(MultiaddressProtocol.Ws)
/// </code>
/// Matching reads from the outermost component and never goes back: a choice takes its first alternative that fits, repetition takes
/// all it can. It allocates nothing. Immutable.
/// </summary>
public abstract partial class MultiaddressPattern
{
    private const int NoMatch = -1;

    private protected MultiaddressPattern()
    {
    }

    /// <summary>One component of the protocol, whatever its value.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "The named form is Of.")]
    public static implicit operator MultiaddressPattern(MultiaddressProtocol protocol) => Of(protocol);

    /// <summary>One component of the protocol, whatever its value.</summary>
    public static MultiaddressPattern Of(MultiaddressProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return new OneProtocol(protocol);
    }

    /// <summary>The first of several patterns that fits.</summary>
    public static MultiaddressPattern OneOf(params ReadOnlySpan<MultiaddressPattern> alternatives) => new Choice(alternatives.ToArray());

    /// <summary>Several patterns, one after the other.</summary>
    public static MultiaddressPattern Sequence(params ReadOnlySpan<MultiaddressPattern> parts) => new Chain(parts.ToArray());

    /// <summary>A pattern once, or nothing.</summary>
    public static MultiaddressPattern Optional(MultiaddressPattern part) => new Repetition(part, 1);

    /// <summary>A pattern any number of times, none included.</summary>
    public static MultiaddressPattern Repeated(MultiaddressPattern part) => new Repetition(part, Multiaddress.MaxComponents);

    /// <summary>One component, unless the pattern fits there.</summary>
    public static MultiaddressPattern AnyBut(MultiaddressPattern part) => new Exclusion(part);

    /// <summary>Whether the whole address has this shape.</summary>
    public bool Matches(Multiaddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Match(address, 0) == address.Count;
    }

    /// <summary>Whether the address begins with this shape.</summary>
    /// <param name="address">The address.</param>
    /// <param name="count">How many of its components have the shape.</param>
    public bool MatchesStart(Multiaddress address, out int count)
    {
        ArgumentNullException.ThrowIfNull(address);
        int end = Match(address, 0);
        count = Math.Max(0, end);
        return end != NoMatch;
    }

    /// <summary>This, then another.</summary>
    public MultiaddressPattern Then(MultiaddressPattern next) => Sequence(this, next);

    /// <summary>This, or else another.</summary>
    public MultiaddressPattern Or(MultiaddressPattern alternative) => OneOf(this, alternative);

    /// <summary>Gives the index after what fits at <paramref name="start"/>, or <see cref="NoMatch"/>.</summary>
    private protected abstract int Match(Multiaddress address, int start);

    private sealed class AnyComponent : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start) => start < address.Count ? start + 1 : NoMatch;
    }

    private sealed class OneProtocol(MultiaddressProtocol protocol) : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start) =>
            start < address.Count && ReferenceEquals(address[start].Protocol, protocol) ? start + 1 : NoMatch;
    }

    private sealed class Chain(MultiaddressPattern[] parts) : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start)
        {
            foreach (MultiaddressPattern part in parts)
            {
                start = start == NoMatch ? NoMatch : part.Match(address, start);
            }

            return start;
        }
    }

    private sealed class Choice(MultiaddressPattern[] alternatives) : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start)
        {
            int end = NoMatch;

            for (int i = 0; i < alternatives.Length && end == NoMatch; i++)
            {
                end = alternatives[i].Match(address, start);
            }

            return end;
        }
    }

    private sealed class Repetition(MultiaddressPattern part, int most) : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start)
        {
            for (int times = 0; times < most; times++)
            {
                int end = part.Match(address, start);

                if (end is NoMatch || end == start)
                {
                    break;
                }

                start = end;
            }

            return start;
        }
    }

    private sealed class Exclusion(MultiaddressPattern part) : MultiaddressPattern
    {
        private protected override int Match(Multiaddress address, int start) =>
            start < address.Count && part.Match(address, start) == NoMatch ? start + 1 : NoMatch;
    }
}
