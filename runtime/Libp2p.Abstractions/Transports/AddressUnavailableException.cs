namespace Libp2p.Transports;

/// <summary>
/// An address cannot be listened on because the machine does not have it: no such interface, or the address family is switched off. Other
/// addresses of the node are not affected.
/// </summary>
/// <param name="message">Which address, and what is missing.</param>
/// <param name="cause">What the platform threw.</param>
public sealed class AddressUnavailableException(string message, Exception? cause = null) : IOException(message, cause);
