using System.Buffers;
using System.Text;

namespace Libp2p.Codecs;

/// <summary>Text in UTF-8, which is checked both ways.</summary>
internal sealed class TextCodec : MessageCodec<string>
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override int GetSize(string message) => s_strict.GetByteCount(message);

    public override void Write(string message, IBufferWriter<byte> destination) => s_strict.GetBytes(message, destination);

    public override string Read(ReadOnlySequence<byte> source, int maxElements)
    {
        try
        {
            return s_strict.GetString(source);
        }
        catch (DecoderFallbackException e)
        {
            throw new ProtocolViolationException("A text that is not UTF-8", e);
        }
    }
}
