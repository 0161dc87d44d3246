using System.IO.Pipelines;

namespace Libp2p.Muxers.Yamux;

/// <summary>Writes frames into a link's own memory: many frames to one <see cref="PipeWriter.Advance"/>.</summary>
internal ref struct FrameSpan(PipeWriter output)
{
    private Span<byte> _span;
    private int _used;

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    public void WriteHeader(FrameHeader header)
    {
        if (_span.Length - _used < FrameHeader.Size)
        {
            Renew(FrameHeader.Size);
        }

        header.Write(_span[_used..]);
        _used += FrameHeader.Size;
        Written += FrameHeader.Size;
    }

    public void WriteBody(ReadOnlySpan<byte> bytes)
    {
        Written += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_used == _span.Length)
            {
                Renew(1);
            }

            int length = Math.Min(bytes.Length, _span.Length - _used);
            bytes[..length].CopyTo(_span[_used..]);
            bytes = bytes[length..];
            _used += length;
        }
    }

    /// <summary>Hands what was written to the link, to be flushed.</summary>
    public void Commit()
    {
        output.Advance(_used);
        _span = default;
        _used = 0;
    }

    private void Renew(int least)
    {
        if (_used > 0)
        {
            output.Advance(_used);
        }

        _span = output.GetSpan(least);
        _used = 0;
    }
}
