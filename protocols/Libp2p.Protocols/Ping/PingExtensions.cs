using Libp2p.Scheduling;

namespace Libp2p.Protocols.Ping;

/// <summary>Pings as one wants them: with random bytes, a check, and a time.</summary>
public static class PingExtensions
{
    /// <summary>Pings once.</summary>
    /// <param name="ping">A client of the peer.</param>
    /// <param name="random">The node's randomness.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="context">Cancellation and time.</param>
    /// <returns>The time from sending to receiving, without the opening of the stream.</returns>
    /// <exception cref="ProtocolViolationException">Other bytes came back.</exception>
    public static async ValueTask<TimeSpan> PingAsync(this IPing ping, IRandomSource random, TimeProvider time, CallContext context = default)
    {
        await CallersContext.Leave();
        byte[] payload = new byte[IPing.PayloadSize];
        random.Fill(payload);
        CallInfo info = context.Info ?? new CallInfo();
        long started = time.GetTimestamp();
        ReadOnlyMemory<byte> echo = await ping.PingAsync(payload, new CallContext(context.CancellationToken, context.Timeout, info) { MayRepeat = context.MayRepeat });
        TimeSpan elapsed = time.GetElapsedTime(started);
        return echo.Span.SequenceEqual(payload)
            ? info.RoundTrip ?? elapsed // a local implementation knows no stream
            : throw new ProtocolViolationException($"{IPing.Protocol.Ids[0]}: other bytes came back than were sent");
    }
}
