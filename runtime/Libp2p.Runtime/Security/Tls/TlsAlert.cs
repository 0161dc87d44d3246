using System.Buffers;

namespace Libp2p.Security.Tls;

/// <summary>
/// Alerts (https://www.rfc-editor.org/rfc/rfc8446#section-6): those that are not encrypted can be read and written beside
/// <c>SslStream</c>, which has no way to send one.
/// <code>
/// record header | level (8 bits) | description (8)
/// </code>
/// </summary>
internal static class TlsAlert
{
    /// <summary>Bytes of an alert with its header.</summary>
    private const int Size = TlsRecord.HeaderSize + 2;

    private const byte Fatal = 2;

    /// <summary>A field is out of range, or what came is no message.</summary>
    public const byte DecodeError = 50;

    /// <summary>No application protocol in common.</summary>
    public const byte NoApplicationProtocol = 120;

    /// <summary>A fatal alert, before anything is encrypted.</summary>
    public static void Write(IBufferWriter<byte> output, byte description) =>
        output.Write((ReadOnlySpan<byte>)[TlsRecord.Alert, 3, 3, 0, 2, Fatal, description]);

    /// <summary>Reads a record that is an alert and not encrypted.</summary>
    public static bool TryRead(ReadOnlySequence<byte> record, out byte description)
    {
        Span<byte> bytes = stackalloc byte[Size];
        description = 0;

        if (record.Length != Size || TlsRecord.TypeOf(record) != TlsRecord.Alert)
        {
            return false;
        }

        record.CopyTo(bytes);
        description = bytes[^1];
        return true;
    }

    /// <summary>What an alert says, in the words of the RFC.</summary>
    public static string Describe(byte description) => description switch
    {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        DecodeError => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        NoApplicationProtocol => "no_application_protocol",
        _ => $"{description}",
    };
}
