using System.IO.Pipelines;

namespace Libp2p.Muxers.Yamux;

/// <content>The two loops, and what ends them.</content>
internal sealed partial class YamuxConnection
{
    private volatile bool _heard;
    private volatile bool _isStopped; // the loops must not wait any more
    private volatile bool _ignoresInput; // the remote broke the rules: what it sends is thrown away until it goes

    private async Task<EndReason> RunAsync()
    {
        if (Scheduler.IsCurrent)
        {
            await Task.Yield(); // nothing of the session runs on its maker's stack
        }

        await Scheduler.Enter();
        lock (_gate)
        {
            SetTimer();
        }

        YamuxLog.Started(_logger, RemoteAddress);
        Task writing = WriteAsync();
        await ReadAsync();
        await writing;
        return await FinishAsync();
    }

    private async Task ReadAsync()
    {
        FrameReader frames = new(this);
        PipeReader input = _link.Input;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync();
            }
            catch (Exception exception) // whatever a link throws, it is the link's end
            {
                OnLinkEnd(exception, isInsideFrame: false);
                return;
            }

            _heard = true;
            Volatile.Write(ref _received, _received + result.Buffer.Length);
            if (!_ignoresInput)
            {
                Take(frames, result);
            }

            input.AdvanceTo(result.Buffer.End);
            if (_isStopped)
            {
                return;
            }

            if (result.IsCompleted)
            {
                OnLinkEnd(null, !frames.IsBetweenFrames);
                return;
            }
        }
    }

    private void Take(FrameReader frames, ReadResult result)
    {
        try
        {
            foreach (ReadOnlyMemory<byte> bytes in result.Buffer)
            {
                frames.Take(bytes.Span);
            }
        }
        catch (ProtocolViolationException violation)
        {
            YamuxLog.Violated(_logger, RemoteAddress, violation.Message);
            frames.Show();
            End(violation.Reason, Farewell.Now(GoAwayCode.ProtocolError));
        }
        catch (Exception exception) // a mistake of ours must not leave the session half alive
        {
            YamuxLog.Failed(_logger, RemoteAddress, exception);
            frames.Show();
            End(
                new EndReason(EndedBy.Local, ErrorCode.None, $"Yamux failed: {exception.Message}", exception),
                Farewell.Now(GoAwayCode.InternalError));
        }

        frames.Show();
    }

    private async Task WriteAsync()
    {
        PipeWriter output = _link.Output;
        FrameWriter frames = new(Outbox, output, Options.MaxFrameBody);
        try
        {
            bool isLast = false;
            while (!isLast)
            {
                await Outbox.WaitAsync();
                isLast = frames.WriteBatch();
                Volatile.Write(ref _sent, frames.Written);
                FlushResult flushed = await output.FlushAsync();
                if (_isStopped)
                {
                    break;
                }

                if (flushed.IsCompleted && !isLast)
                {
                    OnWriteFailed(null);
                    break;
                }
            }

            await output.CompleteAsync();
        }
        catch (Exception exception) // whatever a link throws, it is the link's end
        {
            OnWriteFailed(exception);
        }
    }
}
