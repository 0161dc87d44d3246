using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Negotiation;

/// <summary>
/// Agrees on a protocol by multistream-select 1.0, over a byte link or a stream. Exactly the bytes of the negotiation are consumed;
/// what follows them stays in the reader. Time is bounded by the caller's token; sizes and attempts are bounded here.
/// </summary>
/// <remarks>
/// <para>After a failure the pipe still belongs to the caller, who resets or aborts it: the remote may be waiting for another offer.</para>
/// <para>Either end speaks before it listens, so a pipe must take the 20 bytes of a header without being read; windows are far wider.</para>
/// </remarks>
public static class MultistreamSelect
{
    /// <summary>Proposes ids until the remote takes one. Header and first proposal leave in one write.</summary>
    /// <param name="pipe">Lent; nobody else reads or writes it meanwhile.</param>
    /// <param name="offers">Ids in order of preference, at least one.</param>
    /// <param name="cancellationToken">Ends the negotiation.</param>
    /// <returns>The id that was agreed: the instance from the offers.</returns>
    /// <exception cref="ProtocolNotSupportedException">The remote refused all of them.</exception>
    /// <exception cref="ProtocolViolationException">The remote speaks something else.</exception>
    /// <exception cref="NegotiationException">The remote ended its direction instead of answering.</exception>
    public static async ValueTask<ProtocolId> InitiateAsync(
        IDuplexPipe pipe, IReadOnlyList<ProtocolId> offers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentOutOfRangeException.ThrowIfZero(offers.Count, nameof(offers));

        InitiatorNegotiation negotiation = new(offers);

        if (!await RunAsync(pipe, negotiation, answersLate: false, cancellationToken))
        {
            throw new NegotiationException($"The remote ended its direction instead of answering the proposal of {negotiation.Current}");
        }

        return negotiation.Agreed ?? throw new ProtocolNotSupportedException(offers);
    }

    /// <summary>Answers proposals until one is in the table.</summary>
    /// <param name="pipe">Lent; nobody else reads or writes it meanwhile.</param>
    /// <param name="table">What is served.</param>
    /// <param name="cancellationToken">Ends the negotiation.</param>
    /// <typeparam name="T">What an id stands for.</typeparam>
    /// <returns>
    /// What was agreed, or null when the remote ended its direction without it, or sent on as if its refused proposal had been agreed to.
    /// The stream is to be ended in order then, so that the refusal arrives.
    /// </returns>
    /// <exception cref="ProtocolViolationException">The remote speaks something else, or proposes without end.</exception>
    /// <exception cref="NegotiationException">The remote ended its direction inside a message.</exception>
    public static ValueTask<Agreed<T>?> RespondAsync<T>(IDuplexPipe pipe, IProtocolTable<T> table, CancellationToken cancellationToken) =>
        RespondAsync(pipe, table, answersLate: false, cancellationToken);

    /// <inheritdoc cref="RespondAsync{T}(IDuplexPipe, IProtocolTable{T}, CancellationToken)"/>
    /// <param name="pipe">Lent.</param>
    /// <param name="table">What is served.</param>
    /// <param name="answersLate">
    /// When the remote did not wait for our agreement, it is left in the output, unflushed: the protocol has something to read, and answers.
    /// </param>
    /// <param name="cancellationToken">Ends the negotiation.</param>
    internal static async ValueTask<Agreed<T>?> RespondAsync<T>(
        IDuplexPipe pipe, IProtocolTable<T> table, bool answersLate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(table);

        ResponderNegotiation<T> negotiation = new(table);
        await RunAsync(pipe, negotiation, answersLate, cancellationToken);
        return negotiation.Agreed;
    }

    /// <summary>
    /// Moves bytes until the negotiation is over. What waits to be sent leaves when there is nothing left to read, so answers to
    /// what arrived together leave together, and the first words leave before we wait for the remote's.
    /// </summary>
    /// <returns>False when the remote ended its direction first.</returns>
    private static async ValueTask<bool> RunAsync(IDuplexPipe pipe, Negotiation negotiation, bool answersLate, CancellationToken cancellationToken)
    {
        negotiation.Start(pipe.Output);
        bool unsent = true;

        while (true)
        {
            if (!pipe.Input.TryRead(out ReadResult read))
            {
                if (unsent)
                {
                    await pipe.Output.FlushAsync(cancellationToken);
                    unsent = false;
                }

                read = await pipe.Input.ReadAsync(cancellationToken);
            }

            NegotiationProgress progress;
            long length = read.Buffer.Length;
            try
            {
                progress = Read(pipe.Input, read, negotiation, pipe.Output);
            }
            catch (Libp2pException) when (negotiation.MayMeetPayload)
            {
                await pipe.Output.FlushAsync(cancellationToken); // the refusal, which explains it to the initiator
                return false;
            }

            unsent |= progress.Replied;

            if (progress.Done || read.IsCompleted)
            {
                if (unsent && !(answersLate && progress.Done && progress.Consumed < length))
                {
                    await pipe.Output.FlushAsync(cancellationToken);
                }

                return progress.Done;
            }
        }
    }

    /// <summary>Lets the negotiation handle what was read, and consumes exactly what was its own.</summary>
    internal static NegotiationProgress Read(PipeReader input, ReadResult read, Negotiation negotiation, IBufferWriter<byte> replies)
    {
        SequencePosition consumed = read.Buffer.Start;
        SequencePosition examined = read.Buffer.End;

        try
        {
            if (read.IsCanceled)
            {
                throw new OperationCanceledException("The pipe's pending read was cancelled during multistream-select.");
            }

            NegotiationProgress progress = negotiation.Advance(read.Buffer, replies);
            consumed = read.Buffer.GetPosition(progress.Consumed);

            if (progress.Done)
            {
                examined = consumed;
            }
            else if (read.IsCompleted && progress.Consumed < read.Buffer.Length)
            {
                throw new NegotiationException(
                    $"The remote ended its direction inside a message of multistream-select: {Rest(read.Buffer.Slice(consumed))}");
            }

            return progress;
        }
        finally
        {
            input.AdvanceTo(consumed, examined);
        }
    }

    private static string Rest(ReadOnlySequence<byte> bytes) => WireText.Quote(bytes.Slice(0, Math.Min(bytes.Length, Multistream.MaxFrame)).ToArray());
}
