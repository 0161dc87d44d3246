namespace Libp2p.Protobuf;

/// <summary>How the value of a protobuf field is encoded.</summary>
internal enum ProtobufWire
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
