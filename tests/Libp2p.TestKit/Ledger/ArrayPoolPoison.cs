using System.Buffers;
using System.Diagnostics.Tracing;

namespace Libp2p.TestKit.Accounts;

/// <summary>
/// Spoils what is given back to the process's shared pool of byte arrays, as soon as it is: bytes that were lent from it and are still
/// looked at are seen to be wrong. Nobody may look at what is in the pool, so other tests do not notice.
/// </summary>
public sealed class ArrayPoolPoison : EventListener
{
    private const string PoolSource = "System.Buffers.ArrayPoolEventSource";
    private const int BufferReturned = 3;

    [ThreadStatic]
    private static bool s_isSpoiling;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == PoolSource)
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId != BufferReturned || s_isSpoiling || eventData.Payload is not [int, int size, ..])
        {
            return;
        }

        // The pool keeps what a thread gave back last for this thread's next.
        s_isSpoiling = true;
        byte[] given = ArrayPool<byte>.Shared.Rent(size);
        given.AsSpan().Fill(PoisoningStream.Poison);
        ArrayPool<byte>.Shared.Return(given);
        s_isSpoiling = false;
    }
}
