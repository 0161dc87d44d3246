namespace Libp2p.Telemetry;

/// <summary>An address in a log message: its text, made only where it is written. Of a sequence, which an address is, loggers print item by item.</summary>
internal readonly record struct LoggedAddress(Multiaddress Address)
{
    public static implicit operator LoggedAddress(Multiaddress address) => new(address);

    public override string ToString() => Address.ToString();
}
