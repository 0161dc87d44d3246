namespace Libp2p;

/// <summary>
/// Several frames until the end of the stream are one message, merged as protobuf merges: repeated fields append, singular
/// ones take the last value (identify). On pull and push, for what is received; one frame is sent.
/// </summary>
/// <remarks>The limit on bytes bounds each frame, the one on elements all of them. A stream that ends before a frame is an error.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MergeAttribute : Attribute
{
    /// <summary>Frames that are read at the most; the end of the stream must come by then. Default 10.</summary>
    public int MaxFrames { get; set; } = 10;
}
