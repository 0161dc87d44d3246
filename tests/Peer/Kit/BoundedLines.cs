using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Peer.Kit;

/// <summary>A line of input.</summary>
/// <param name="Bytes">Without its end; lent until the next is read.</param>
/// <param name="IsTooLong">Whether it was passed over, because it exceeded the limit.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Bytes, bool IsTooLong);

/// <summary>Lines of a stream, with never more than one of them in memory, and that no longer than a limit.</summary>
internal sealed class BoundedLines(Stream stream, int maxLength)
{
    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The next line, of which the last needs no end; null after it.</summary>
    public async ValueTask<Line?> ReadAsync()
    {
        bool isTooLong = false;

        while (true)
        {
            ReadResult result = await _reader.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;

            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                Line line = Take(buffer.Slice(0, end), isTooLong);
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            if (result.IsCompleted)
            {
                Line? last = buffer.IsEmpty && !isTooLong ? null : Take(buffer, isTooLong);
                _reader.AdvanceTo(buffer.End);
                return last;
            }

            if (isTooLong || buffer.Length > maxLength)
            {
                isTooLong = true;
                _reader.AdvanceTo(buffer.End); // dropped as it comes
            }
            else
            {
                _reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private Line Take(ReadOnlySequence<byte> line, bool isTooLong) =>
        isTooLong || line.Length > maxLength ? new Line(default, IsTooLong: true) : new Line(line.ToArray(), IsTooLong: false);
}
