namespace Libp2p.Addressing;

/// <summary>Where a component lies in the bytes of its address, and which protocol it is.</summary>
internal readonly record struct ComponentRange(ushort Protocol, ushort Start, ushort ValueStart, ushort End)
{
    public ComponentRange Shift(int offset) =>
        new(Protocol, (ushort)(Start + offset), (ushort)(ValueStart + offset), (ushort)(End + offset));
}
