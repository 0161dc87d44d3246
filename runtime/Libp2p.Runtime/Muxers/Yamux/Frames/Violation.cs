using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Muxers.Yamux;

/// <summary>What a remote must not do, in words that name the stream and the sizes. Each ends the session with GoAway 1.</summary>
internal static class Violation
{
    [DoesNotReturn]
    public static void UnknownFrame(uint version, uint type) =>
        Throw($"A frame with version {version} and type {type}; known are version 0 and types 0 to 3");

    [DoesNotReturn]
    public static void SessionStreamId(FrameType type) =>
        Throw($"A {type} frame for stream 0, which is the session itself");

    [DoesNotReturn]
    public static void WrongParity(uint streamId) =>
        Throw($"A SYN for stream {streamId}, whose number is ours to give");

    [DoesNotReturn]
    public static void DuplicateSyn(uint streamId) =>
        Throw($"A second SYN for stream {streamId}, which is open");

    [DoesNotReturn]
    public static void WindowOverrun(uint streamId, uint length, uint left) =>
        Throw($"A frame of {length} bytes on stream {streamId}, whose receive window has {left} bytes left");

    [DoesNotReturn]
    public static void FrameBeyondAnyWindow(uint streamId, uint length, int maxWindow) =>
        Throw($"A frame of {length} bytes on stream {streamId}; no window is larger than {maxWindow}");

    [DoesNotReturn]
    public static void WindowOverflow(uint streamId, uint window, uint credit) =>
        Throw($"{credit} bytes of credit on stream {streamId}, whose send window has {window}: together more than {uint.MaxValue}");

    [DoesNotReturn]
    public static void TooMany(string what, RateLimit limit) =>
        Throw($"{what}: more than {limit.Burst} at once and {limit.PerSecond} a second");

    [DoesNotReturn]
    public static void TooManyRefusals(int waiting) =>
        Throw($"Streams beyond the limit: {waiting} refusals wait to be read");

    [DoesNotReturn]
    private static void Throw(FormattableString message) => throw new ProtocolViolationException(FormattableString.Invariant(message));
}
