using System.IO.Pipelines;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Fills the link with one batch of frames: the session's own first, then each stream's control frames, then data, a frame for each
/// stream in turn. A batch is short enough that a small frame does not wait long behind a bulk stream.
/// </summary>
internal sealed class FrameWriter(Outbox outbox, PipeWriter output, int maxBody)
{
    /// <summary>Bytes in one batch: with what security adds it fits one Noise message, and one buffer of 64 KiB on the way to a socket.</summary>
    private const int BatchBytes = (64 * 1024) - 512;

    /// <summary>A stream's share while others wait.</summary>
    private const int SharedBody = 16 * 1024;

    /// <summary>A frame with less is not begun at the end of a batch.</summary>
    private const int LeastBody = 1024;

    /// <summary>Bytes written in all.</summary>
    public long Written { get; private set; }

    /// <summary>Writes what is ready; true when the last frame of the session is among it.</summary>
    public bool WriteBatch()
    {
        FrameSpan frames = new(output);
        bool isLast = false;
        Farewell? ending = outbox.Ending;
        if (ending is null or { DrainsData: true })
        {
            WriteControl(ref frames);
            bool drained = WriteData(ref frames);
            isLast = drained && ending is not null;
        }
        else
        {
            isLast = true;
        }

        if (isLast && ending!.Value.GoAway is { } code)
        {
            frames.WriteHeader(new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, code));
        }

        frames.Commit();
        Written += frames.Written;
        return isLast;
    }

    private void WriteControl(ref FrameSpan frames)
    {
        while (outbox.TryTakeSession(out FrameHeader frame))
        {
            frames.WriteHeader(frame);
        }

        while (outbox.TryTakeControl(out YamuxStream? stream))
        {
            stream.WriteControl(ref frames);
        }
    }

    private bool WriteData(ref FrameSpan frames)
    {
        long end = Math.Max(BatchBytes, frames.Written + SharedBody); // much control does not shut data out
        while (true)
        {
            int room = (int)(end - frames.Written) - FrameHeader.Size;
            if (room < LeastBody)
            {
                return false;
            }

            if (!outbox.TryTakeData(out YamuxStream? stream, out bool isAlone))
            {
                return true;
            }

            stream.WriteData(ref frames, Math.Min(room, isAlone ? maxBody : Math.Min(SharedBody, maxBody)));
        }
    }
}
