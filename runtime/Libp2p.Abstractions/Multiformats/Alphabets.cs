namespace Libp2p.Multiformats;

/// <summary>The tables of the bases in use.</summary>
internal static class Alphabets
{
    private const string Lower32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const string Upper32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string Hex32 = "0123456789abcdefghijklmnopqrstuv";
    private const string UpperHex32 = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const string Standard64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Url64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    public static BaseAlphabet Base2 { get; } = new BitAlphabet("01", 1, padded: false, ignoreCase: false);

    public static BaseAlphabet Base8 { get; } = new BitAlphabet("01234567", 3, padded: false, ignoreCase: false);

    public static BaseAlphabet Base10 { get; } = new RadixAlphabet("0123456789", ignoreCase: false);

    public static BaseAlphabet Base16 { get; } = new BitAlphabet("0123456789abcdef", 4, padded: false, ignoreCase: true);

    public static BaseAlphabet Base16Upper { get; } = new BitAlphabet("0123456789ABCDEF", 4, padded: false, ignoreCase: true);

    public static BaseAlphabet Base32 { get; } = new BitAlphabet(Lower32, 5, padded: false, ignoreCase: true);

    public static BaseAlphabet Base32Upper { get; } = new BitAlphabet(Upper32, 5, padded: false, ignoreCase: true);

    public static BaseAlphabet Base32Pad { get; } = new BitAlphabet(Lower32, 5, padded: true, ignoreCase: true);

    public static BaseAlphabet Base32PadUpper { get; } = new BitAlphabet(Upper32, 5, padded: true, ignoreCase: true);

    public static BaseAlphabet Base32Hex { get; } = new BitAlphabet(Hex32, 5, padded: false, ignoreCase: true);

    public static BaseAlphabet Base32HexUpper { get; } = new BitAlphabet(UpperHex32, 5, padded: false, ignoreCase: true);

    public static BaseAlphabet Base32HexPad { get; } = new BitAlphabet(Hex32, 5, padded: true, ignoreCase: true);

    public static BaseAlphabet Base32HexPadUpper { get; } = new BitAlphabet(UpperHex32, 5, padded: true, ignoreCase: true);

    public static BaseAlphabet Base32Z { get; } =
        new BitAlphabet("ybndrfg8ejkmcpqxot1uwisza345h769", 5, padded: false, ignoreCase: false);

    public static BaseAlphabet Base36 { get; } = new RadixAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", ignoreCase: true);

    public static BaseAlphabet Base36Upper { get; } = new RadixAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ignoreCase: true);

    public static BaseAlphabet Base58Btc { get; } =
        new RadixAlphabet("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", ignoreCase: false);

    public static BaseAlphabet Base58Flickr { get; } =
        new RadixAlphabet("123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", ignoreCase: false);

    public static BaseAlphabet Base64 { get; } = new BitAlphabet(Standard64, 6, padded: false, ignoreCase: false);

    public static BaseAlphabet Base64Pad { get; } = new BitAlphabet(Standard64, 6, padded: true, ignoreCase: false);

    public static BaseAlphabet Base64Url { get; } = new BitAlphabet(Url64, 6, padded: false, ignoreCase: false);

    public static BaseAlphabet Base64UrlPad { get; } = new BitAlphabet(Url64, 6, padded: true, ignoreCase: false);

    public static BaseAlphabet Base45 { get; } = new Base45Alphabet();

    public static BaseAlphabet Base256Emoji { get; } = new EmojiAlphabet();

    /// <summary>The base64 of I2P destinations: <c>-</c> and <c>~</c> for the last two digits. Read as laxly as go does.</summary>
    public static BaseAlphabet Garlic64 { get; } = new BitAlphabet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~", 6, padded: true, ignoreCase: false, looseEnd: true);

    /// <summary>The base32 of I2P hashes. Read as laxly as go does.</summary>
    public static BaseAlphabet Garlic32 { get; } = new BitAlphabet(Lower32, 5, padded: false, ignoreCase: true, looseEnd: true);
}
