#pragma warning disable
namespace Libp2p;
public sealed class PeerId : IEquatable<PeerId> { public bool Equals(PeerId? o) => true; public override bool Equals(object? o)=>true; public override int GetHashCode()=>0; }
public sealed class Multiaddress { }
public sealed class PublicKey { public PeerId PeerId => null!; }
public enum KeyType { A }
