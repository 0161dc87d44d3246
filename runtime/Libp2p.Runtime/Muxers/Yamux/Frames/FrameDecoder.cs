using System.Runtime.CompilerServices;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Cuts a flow of bytes into headers and pieces of bodies, wherever the flow is split. Keeps at most one header; a body is never
/// gathered, it is handed on as it arrives.
/// </summary>
internal struct FrameDecoder
{
    private HeaderBytes _partial;
    private int _partialLength;

    /// <summary>The frame that began last.</summary>
    public FrameHeader Frame { get; private set; }

    /// <summary>Bytes of its body that are still to come.</summary>
    public uint BodyLeft { get; private set; }

    /// <summary>Whether the flow stands between two frames.</summary>
    public readonly bool IsBetweenFrames => BodyLeft == 0 && _partialLength == 0;

    /// <summary>Takes from the input until there is something to do, or the input is used up.</summary>
    /// <exception cref="ProtocolViolationException">What comes is not Yamux.</exception>
    public FrameStep Next(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (input.IsEmpty)
        {
            return FrameStep.NeedMore;
        }

        if (BodyLeft > 0)
        {
            int length = (int)Math.Min(BodyLeft, (uint)input.Length);
            body = input[..length];
            input = input[length..];
            BodyLeft -= (uint)length;
            return FrameStep.Body;
        }

        if (_partialLength == 0 && input.Length >= FrameHeader.Size)
        {
            return Begin(FrameHeader.Read(input), ref input, FrameHeader.Size);
        }

        int taken = Math.Min(FrameHeader.Size - _partialLength, input.Length);
        input[..taken].CopyTo(_partial[_partialLength..]);
        _partialLength += taken;
        if (_partialLength < FrameHeader.Size)
        {
            input = default;
            return FrameStep.NeedMore;
        }

        _partialLength = 0;
        return Begin(FrameHeader.Read(_partial), ref input, taken);
    }

    private FrameStep Begin(FrameHeader header, ref ReadOnlySpan<byte> input, int taken)
    {
        input = input[taken..];
        Frame = header;
        BodyLeft = header.BodyLength;
        return FrameStep.Header;
    }

    [InlineArray(FrameHeader.Size)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}

/// <summary>What a <see cref="FrameDecoder"/> came upon.</summary>
internal enum FrameStep
{
    /// <summary>The input is used up.</summary>
    NeedMore,

    /// <summary>A frame began: <see cref="FrameDecoder.Frame"/>. Its body follows in further steps, if it has one.</summary>
    Header,

    /// <summary>A piece of the frame's body; the last one when <see cref="FrameDecoder.BodyLeft"/> is 0.</summary>
    Body,
}
