namespace Libp2p.Muxers.Yamux;

/// <summary>A frame that is to be written next.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Source">The stream whose next <see cref="FrameHeader.BodyLength"/> bytes are its body; null for a frame without one.</param>
internal readonly record struct PlannedFrame(FrameHeader Header, SessionStream? Source = null);
