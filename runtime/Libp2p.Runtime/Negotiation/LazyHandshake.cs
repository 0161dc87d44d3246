using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p.Negotiation;

/// <summary>
/// The negotiation under a <see cref="LazyNegotiatedStream"/>: proposes once, by whoever writes or reads first, and confirms once,
/// by whoever reads or closes first. A reader and a writer may come at the same time.
/// </summary>
/// <param name="stream">Lent.</param>
/// <param name="offer">What is proposed.</param>
/// <param name="answered">Told once whether the remote agreed; null: nobody wants to know.</param>
internal sealed class LazyHandshake(IMuxedStream stream, ProtocolId offer, Action<bool>? answered = null)
{
    private readonly InitiatorNegotiation _negotiation = new([offer]);
    private readonly Turnstile _confirming = new(1);
    private readonly Lock _gate = new();

    private bool _proposed;             // header and proposal are in the stream's output
    private bool _writing;              // the writer has begun: what it flushes takes the proposal along
    private bool _sent;                 // the reader has flushed them
    private TaskCompletionSource? _sending; // the reader is flushing: the stream's output is not the writer's
    private volatile bool _confirmed;
    private volatile bool _readingEnded;
    private volatile bool _readCancelled;
    private volatile bool _readerWaits;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Whether the remote has agreed.</summary>
    public bool IsConfirmed => _confirmed;

    /// <summary>What the negotiation failed with; null until it did.</summary>
    public Exception? Failure => _failure?.SourceException;

    /// <summary>Whether the reader's next or pending read is to return as cancelled.</summary>
    public bool IsReadCancelled => _readCancelled;

    /// <summary>
    /// Cancels the reader's next or pending read. A flag of our own says for whom it was, because the one who waits on the stream's
    /// input for the answer may just as well be closing.
    /// </summary>
    public void CancelRead()
    {
        _readCancelled = true;
        stream.Input.CancelPendingRead();
    }

    /// <summary>Nobody will read: there is no answer to wait for.</summary>
    public void GiveUpReading() => _readingEnded = true;

    /// <summary>The writer is about to write: puts the proposal before it.</summary>
    /// <returns>False while the reader is sending the proposal and the stream's output must not be touched.</returns>
    public bool TryBeginWriting()
    {
        if (Volatile.Read(ref _writing))
        {
            return true;
        }

        lock (_gate)
        {
            if (_sending is not null)
            {
                return false;
            }

            Propose();
            Volatile.Write(ref _writing, true);
            return true;
        }
    }

    /// <summary>Waits until the reader has sent the proposal, if it is doing so.</summary>
    public async Task ProposalSentAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource? sending;

        lock (_gate)
        {
            sending = _sending;
        }

        if (sending is not null)
        {
            await Completion(sending).WaitAsync(cancellationToken);
        }

        // An async method between: over a source that completes asynchronously, WaitAsync itself would leave the scheduler.
        static async Task Completion(TaskCompletionSource source) => await source.Task;
    }

    /// <summary>Completes when the remote has agreed, or when nobody will read its answer.</summary>
    /// <exception cref="ProtocolNotSupportedException">It refused.</exception>
    public async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        while (!_confirmed && !_readingEnded)
        {
            await TryConfirmAsync(forReader: false, cancellationToken);
        }
    }

    /// <summary>The reader's form of <see cref="ConfirmAsync"/>: gives up when its read is cancelled.</summary>
    /// <returns>False when the read was cancelled.</returns>
    public async ValueTask<bool> ConfirmReadAsync(CancellationToken cancellationToken)
    {
        _readerWaits = true;

        try
        {
            while (!_readCancelled && !_confirmed)
            {
                await TryConfirmAsync(forReader: true, cancellationToken);
            }
        }
        finally
        {
            _readerWaits = false;
        }

        bool cancelled = _readCancelled;
        _readCancelled = false;
        return !cancelled;
    }

    /// <summary>
    /// Looks at the answer if it has come and nobody waits for it, so that a writer learns of a refusal before it has sent everything.
    /// </summary>
    /// <exception cref="ProtocolNotSupportedException">The remote refused.</exception>
    public void Glance()
    {
        if (!Volatile.Read(ref _writing) || !_confirming.TryEnter())
        {
            return;
        }

        try
        {
            _failure?.Throw();
            if (_confirmed || _readingEnded || !stream.Input.TryRead(out ReadResult read))
            {
                return;
            }

            if (read.IsCanceled)
            {
                stream.Input.AdvanceTo(read.Buffer.Start); // the flag keeps it for the reader
                return;
            }

            _confirmed = IsAnswered(read);
        }
        finally
        {
            _confirming.Leave();
        }
    }

    /// <summary>Takes a turn at waiting for the answer, which ends without one when the reader's read is cancelled.</summary>
    private async ValueTask TryConfirmAsync(bool forReader, CancellationToken cancellationToken)
    {
        await _confirming.EnterAsync(cancellationToken);

        try
        {
            _failure?.Throw();
            await SendProposalAsync(cancellationToken);

            while (!_confirmed && !_readingEnded && !(_readCancelled && (forReader || _readerWaits)))
            {
                ReadResult read = await stream.Input.ReadAsync(cancellationToken);

                if (read.IsCanceled)
                {
                    stream.Input.AdvanceTo(read.Buffer.Start);
                    continue;
                }

                _confirmed = IsAnswered(read);
            }
        }
        finally
        {
            _confirming.Leave();
        }
    }

    private bool IsAnswered(ReadResult read)
    {
        try
        {
            // A single offer is never followed by another, so nothing is written.
            NegotiationProgress progress = MultistreamSelect.Read(stream.Input, read, _negotiation, stream.Output);

            return (progress.Done, read.IsCompleted) switch
            {
                (true, var _) => IsAgreed(),
                (false, true) when !_readingEnded && stream.End is { IsClean: false } end =>
                    throw new StreamResetException($"{offer}: {end.Reason}", end), // it was reset here: the remote is not to blame
                (false, true) when !_readingEnded => throw new NegotiationException($"The remote ended its direction instead of answering the proposal of {offer}"),
                _ => false,
            };
        }
        catch (Libp2pException failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            stream.Reset(failure.Reason with { Cause = failure });
            throw;
        }
    }

    private bool IsAgreed()
    {
        bool agreed = _negotiation.Agreed is not null;
        answered?.Invoke(agreed);
        return agreed ? true : throw new ProtocolNotSupportedException([offer]);
    }

    /// <summary>Sends the proposal by itself, unless the writer takes it along.</summary>
    public async ValueTask SendProposalAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource sending;

        lock (_gate)
        {
            if (_writing || _sent)
            {
                return;
            }

            Propose();
            _sending = sending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            await stream.Output.FlushAsync(cancellationToken);
            _sent = true;
        }
        finally
        {
            EndSending();
            sending.SetResult();
        }
    }

    private void EndSending()
    {
        lock (_gate)
        {
            _sending = null;
        }
    }

    private void Propose()
    {
        if (!_proposed)
        {
            _proposed = true;
            _negotiation.Start(stream.Output);
        }
    }
}
