using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.TestKit;

/// <summary>
/// One direction of a <see cref="TappedWire"/>: forwards bytes, records them, and does something wrong at one of them if it is told to.
/// </summary>
public sealed class TappedDirection
{
    private readonly List<byte> _passed = [];
    private TaskCompletionSource? _released;

    /// <summary>The bytes that were sent and forwarded, as they were sent.</summary>
    public IReadOnlyList<byte> Passed => _passed;

    /// <summary>Where each piece that arrived at once began.</summary>
    public List<int> Pieces { get; } = [];

    /// <summary>Changes one bit of the byte at this place; null: none.</summary>
    public int? FlipAt { get; set; }

    /// <summary>Replaces all from this place by other bytes; null: nothing.</summary>
    public int? GarbleAt { get; set; }

    /// <summary>Ends the direction in order before the byte at this place, and drops what follows; null: never.</summary>
    public int? EndAt { get; set; }

    /// <summary>Holds the byte at this place and what follows it until <see cref="Release"/>, which forwards it in one piece; null: nothing.</summary>
    public int? HoldAt { get; set; }

    /// <summary>Whether each byte travels alone.</summary>
    public bool IsDripping { get; set; }

    /// <summary>Whether something has been held.</summary>
    public bool IsHolding => _released is { Task.IsCompleted: false };

    /// <summary>Lets go what was held.</summary>
    public void Release() => _released?.TrySetResult();

    internal async Task ForwardAsync(PipeReader from, PipeWriter to)
    {
        SeededRandomSource garbage = new(29);
        try
        {
            while (true)
            {
                ReadResult read = await from.ReadAsync();
                int room = HoldAt - _passed.Count ?? int.MaxValue;
                if (_released is null && room < read.Buffer.Length)
                {
                    _released = new TaskCompletionSource();
                    await WriteAsync(read.Buffer.Slice(0, Math.Max(room, 0)).ToArray(), to, garbage);
                    from.AdvanceTo(read.Buffer.GetPosition(Math.Max(room, 0)));
                    await _released.Task;
                    continue;
                }

                byte[] bytes = read.Buffer.ToArray();
                from.AdvanceTo(read.Buffer.End);
                if (!await WriteAsync(bytes, to, garbage) || read.IsCompleted)
                {
                    await to.CompleteAsync();
                    return;
                }
            }
        }
        catch (IOException)
        {
            // Either end aborted its link; the other learns of it by its own.
        }
    }

    /// <returns>False when the direction has ended.</returns>
    private async Task<bool> WriteAsync(byte[] bytes, PipeWriter to, SeededRandomSource garbage)
    {
        if (bytes.Length > 0)
        {
            Pieces.Add(_passed.Count);
        }

        int start = _passed.Count;
        _passed.AddRange(bytes);
        if (FlipAt is { } flip && flip >= start && flip < start + bytes.Length)
        {
            bytes[flip - start] ^= (byte)(1 << (flip % 8));
        }

        if (GarbleAt is { } garble && garble < start + bytes.Length)
        {
            garbage.Fill(bytes.AsSpan(Math.Max(garble - start, 0)));
        }

        bool ends = EndAt is { } end && end <= start + bytes.Length;
        ReadOnlyMemory<byte> rest = ends ? bytes.AsMemory(0, Math.Clamp(EndAt!.Value - start, 0, bytes.Length)) : bytes;
        while (!rest.IsEmpty)
        {
            int count = IsDripping ? 1 : rest.Length;
            await to.WriteAsync(rest[..count]);
            rest = rest[count..];
        }

        return !ends;
    }
}
