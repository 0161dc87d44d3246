namespace Libp2p.Multiformats;

/// <summary>The bases of <see cref="Multibase"/>; each value is the character that announces it.</summary>
public enum MultibaseEncoding
{
    /// <summary>No base. Not a value that can be written.</summary>
    None = 0,

    /// <summary>Binary digits.</summary>
    Base2 = '0',

    /// <summary>Octal digits.</summary>
    Base8 = '7',

    /// <summary>One decimal number.</summary>
    Base10 = '9',

    /// <summary>Hexadecimal, written in lower case.</summary>
    Base16 = 'f',

    /// <summary>Hexadecimal, written in upper case.</summary>
    Base16Upper = 'F',

    /// <summary>RFC 4648 base32 in lower case without padding: the customary form of a CIDv1.</summary>
    Base32 = 'b',

    /// <summary>RFC 4648 base32 in upper case without padding.</summary>
    Base32Upper = 'B',

    /// <summary>RFC 4648 base32 in lower case with padding.</summary>
    Base32Pad = 'c',

    /// <summary>RFC 4648 base32 in upper case with padding.</summary>
    Base32PadUpper = 'C',

    /// <summary>RFC 4648 base32hex in lower case without padding.</summary>
    Base32Hex = 'v',

    /// <summary>RFC 4648 base32hex in upper case without padding.</summary>
    Base32HexUpper = 'V',

    /// <summary>RFC 4648 base32hex in lower case with padding.</summary>
    Base32HexPad = 't',

    /// <summary>RFC 4648 base32hex in upper case with padding.</summary>
    Base32HexPadUpper = 'T',

    /// <summary>z-base-32.</summary>
    Base32Z = 'h',

    /// <summary>One number in base 36, in lower case: fits a DNS label.</summary>
    Base36 = 'k',

    /// <summary>One number in base 36, in upper case.</summary>
    Base36Upper = 'K',

    /// <summary>Base 45 of RFC 9285.</summary>
    Base45 = 'R',

    /// <summary>One number in base 58 with Bitcoin's alphabet.</summary>
    Base58Btc = 'z',

    /// <summary>One number in base 58 with Flickr's alphabet.</summary>
    Base58Flickr = 'Z',

    /// <summary>RFC 4648 base64 without padding.</summary>
    Base64 = 'm',

    /// <summary>RFC 4648 base64 with padding.</summary>
    Base64Pad = 'M',

    /// <summary>RFC 4648 base64url without padding: the form of certificate hashes in multiaddresses.</summary>
    Base64Url = 'u',

    /// <summary>RFC 4648 base64url with padding.</summary>
    Base64UrlPad = 'U',

    /// <summary>One emoji per byte.</summary>
    Base256Emoji = 0x1F680,
}
