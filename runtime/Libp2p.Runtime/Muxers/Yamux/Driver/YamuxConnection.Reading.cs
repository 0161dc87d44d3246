using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p.Muxers.Yamux;

/// <content>
/// The reader loop: takes whatever the link has, and never waits for an application, since windows bound what is kept. When the link has
/// no more, the loop waits, and only then the last of those that it woke goes on, on the thread that became free; the others are scheduled.
/// </content>
internal sealed partial class YamuxConnection
{
    private long _received; // the reader's, for others to read
    private IWaiter? _last; // goes on once the next read is registered; not in the awaiter, which an idle session keeps

    private async Task ReadAsync()
    {
        PipeReader input = _link.Input;
        SessionEffects effects = default;
        while (true)
        {
            ReadResult result;
            try
            {
                ValueTask<ReadResult> reading = input.ReadAsync();
                _last = reading.IsCompleted ? null : TakeLast(ref effects);
                Run(effects);
                effects = default;
                result = await new ReadThenWake(this, reading);
            }
            catch (Exception exception) // whatever a link throws, it is the link's end
            {
                Run(effects);
                OnLinkEnd(exception);
                return;
            }

            Volatile.Write(ref _received, _received + result.Buffer.Length);
            effects = TakeBatch(result.Buffer);
            input.AdvanceTo(result.Buffer.End);
            if (!_session.IsStopped && !result.IsCompleted)
            {
                continue;
            }

            Run(effects);
            if (!_session.IsStopped)
            {
                OnLinkEnd(null);
            }

            return;
        }
    }

    private IWaiter? TakeLast(ref SessionEffects effects) =>
        effects.TakeReader() is YamuxStream stream ? stream.Input as IWaiter
        : effects.TakeAcceptor() ? _acceptor
        : null;

    private SessionEffects TakeBatch(in ReadOnlySequence<byte> batch)
    {
        long now = Now;
        try
        {
            foreach (ReadOnlyMemory<byte> bytes in batch)
            {
                Take(bytes.Span, now);
            }
        }
        catch (ProtocolViolationException violation)
        {
            YamuxLog.Violated(_logger, RemoteAddress, violation.Message);
            EndForFault(violation.Reason, GoAwayCode.ProtocolError);
        }
        catch (Exception exception) // a mistake of ours must not leave the session half alive
        {
            YamuxLog.Failed(_logger, RemoteAddress, exception);
            EndForFault(
                new EndReason(EndedBy.Local, ErrorCode.None, $"Yamux failed: {exception.Message}", exception), GoAwayCode.InternalError);
        }

        lock (Gate)
        {
            _session.HasHeard = true;
            _mayWriteHere = true;
            return Settle();
        }
    }

    private void EndForFault(EndReason reason, uint code)
    {
        lock (Gate)
        {
            _session.End(reason, WriterEnding.GoAwayAtOnce(code), Now);
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, long now)
    {
        TakeStep step = TakeStep.Done;
        YamuxStream? keeper = null;
        bool hasMemory = false;
        do
        {
            scoped ReadOnlySpan<byte> body;
            lock (Gate)
            {
                if (step == TakeStep.Keep)
                {
                    _session.Kept(keeper!, keeper!.CommitReceived(), hasMemory, now);
                }
                else if (step == TakeStep.Admit)
                {
                    _session.Admit(hasMemory, now);
                }

                if (_session.IgnoresInput)
                {
                    return;
                }

                step = _session.Take(ref bytes, out body, out SessionStream? stream, now);
                keeper = (YamuxStream?)stream;
                keeper?.BeginReceiving();
            }

            hasMemory = step switch
            {
                TakeStep.Keep => keeper!.TryReceive(body), // copied outside the lock
                TakeStep.Admit => Memory.TryAdmit(),
                _ => false,
            };
        }
        while (step != TakeStep.Done);
    }

    /// <summary>Awaits a read. Once its continuation is registered, the thread is free, and is lent to the last waiter.</summary>
    private readonly struct ReadThenWake(YamuxConnection connection, ValueTask<ReadResult> reading) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => connection._last is null && reading.IsCompleted;

        public ReadThenWake GetAwaiter() => this;

        public ReadResult GetResult() => reading.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            YamuxConnection self = connection;
            IWaiter? last = self._last;
            self._last = null;
            reading.GetAwaiter().UnsafeOnCompleted(continuation); // from here on the loop may go on, on another thread
            if (last is not null)
            {
                self.Lend(last);
            }
        }
    }
}
