using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Security.Tls;

/// <summary>Decrypts the records of a link, one at a time. Owns the link's input.</summary>
internal sealed class TlsReader(PipeReader link, TlsSession session) : DecryptingReader(link)
{
    /// <summary>
    /// Records without data that a remote may send beside those with data: tickets, key updates, padding. They cost us more than the
    /// remote, so there is one for each sixteen with data, and some at the beginning.
    /// </summary>
    private const int FreeControlRecords = 32, DataRecordsPerControlRecord = 16;

    private long _dataRecords;
    private long _controlRecords;

    protected override bool DecryptFrames(ReadOnlySequence<byte> received, ref long consumed)
    {
        while (TlsRecord.TryTake(received.Slice(consumed), out ReadOnlySequence<byte> record))
        {
            if (Decrypt(record, expected: received.Length - consumed) == 0)
            {
                return true; // close_notify
            }

            consumed += record.Length;
        }

        return false;
    }

    protected override Exception Truncated(long bytes)
    {
        string message = $"The link ended {bytes} bytes into a TLS record";
        return new ConnectionClosedException(message, new EndReason(EndedBy.Link, ErrorCode.None, message));
    }

    protected override void ReleaseKeys() => session.LetGo();

    /// <returns>Bytes of data; -1 for a record without; 0 for the remote's close_notify.</returns>
    private int Decrypt(ReadOnlySequence<byte> record, long expected)
    {
        int fragment = (int)record.Length - TlsRecord.HeaderSize; // the plaintext is shorter
        Span<byte> room = Plaintext.GetRoom(Math.Max(fragment, 1), expected);
        session.Wire.Offer(record);

        try
        {
            int count = session.Stream.Read(room);
            if (count > 0)
            {
                Plaintext.Append(count);
                _dataRecords++;
            }

            return count;
        }
        catch (WireDryException)
        {
            return ++_controlRecords <= FreeControlRecords + (_dataRecords / DataRecordsPerControlRecord)
                ? -1
                : throw new ProtocolViolationException($"The remote sent {_controlRecords} TLS records without data, and {_dataRecords} with data");
        }
        catch (Exception failure) when (TlsFailure.IsPlatforms(failure))
        {
            throw Failed(failure);
        }
    }

    /// <summary>
    /// A server judges our certificate after we are done, so its verdict comes here: an alert before the first data is a handshake that
    /// failed.
    /// </summary>
    private Libp2pException Failed(Exception failure)
    {
        if (TlsFailure.AlertOf(failure) is not { } alert)
        {
            return new ProtocolViolationException($"A TLS record is not authentic: {TlsFailure.Describe(failure)}", failure);
        }

        if (_dataRecords == 0)
        {
            return new HandshakeException($"The remote refused our side of the TLS handshake with the alert '{alert}'", EndedBy.Remote, failure);
        }

        string message = $"The remote ended the TLS connection with the alert '{alert}'";
        return new ConnectionClosedException(message, new EndReason(EndedBy.Remote, ErrorCode.None, message, failure));
    }
}
