using System.Numerics;
using System.Text.Json;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Multiformats;

public class MultibaseTests
{
    private const string File = "multibase/multibase.json";

    public static TheoryData<MultibaseEncoding> Encodings =>
        [.. Enum.GetValues<MultibaseEncoding>().Where(static encoding => encoding != MultibaseEncoding.None)];

    [Fact]
    public void Writes_and_reads_every_vector() => Assert.All(VectorFile.Rows(File, "encode_and_decode"), static row =>
    {
        MultibaseEncoding encoding = Named(row.Text("encoding"));

        Assert.Equal(row.Text("text"), Multibase.Encode(encoding, row.Hex("raw_hex")));
        Assert.Equal(row.Hex("raw_hex"), Multibase.Decode(row.Text("text"), out MultibaseEncoding read));
        Assert.Equal(encoding, read);
    });

    [Fact]
    public void Reads_either_letter_case_where_the_base_allows_it() =>
        Assert.All(VectorFile.Rows(File, "decode_only_case_insensitive"), static row =>
        {
            Assert.Equal(row.Hex("raw_hex"), Multibase.Decode(row.Text("text"), out MultibaseEncoding read));
            Assert.Equal(Named(row.Text("encoding")), read);
        });

    [Fact]
    public void Refuses_every_text_that_must_not_be_read() => Assert.All(VectorFile.Rows(File, "must_not_decode"), static row =>
    {
        Assert.False(Multibase.TryDecode(row.Text("text"), out _, out byte[]? none));
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => Multibase.Decode(row.Text("text"), out _));
    });

    [Fact]
    public void Knows_every_registered_base_but_the_experimental_proquint()
    {
        IEnumerable<JsonElement> bases = VectorFile.Rows(File, "registry")
            .Where(static row => row.Text("status") != "reserved" && row.Text("name") != "proquint");

        Assert.All(bases, static row =>
        {
            int prefix = Convert.ToInt32(row.Text("codepoint")[2..], 16);
            Assert.Equal(Named(row.Text("name")), (MultibaseEncoding)prefix);
        });
        Assert.Equal(Encodings.Count, bases.Count());
        Assert.False(Multibase.TryDecode("pbabab", out _, out byte[]? _));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Round_trips_bytes_of_every_length(MultibaseEncoding encoding)
    {
        Random random = new(1);
        int[] lengths = [.. Enumerable.Range(0, 300), 511, 1023, Multibase.MaxRadixByteCount];

        foreach (int length in lengths)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            bytes.AsSpan(0, Math.Min(length, random.Next(4))).Clear();

            string text = Multibase.Encode(encoding, bytes);
            Assert.Equal(bytes, Multibase.Decode(text, out MultibaseEncoding read));
            Assert.Equal(encoding, read);

            byte[] exact = new byte[length];
            Assert.True(Multibase.TryDecode(text, out _, exact, out int written, out _));
            Assert.Equal(length, written);
            Assert.Equal(bytes, exact);
        }
    }

    [Fact]
    public void Agrees_with_slower_and_simpler_implementations()
    {
        Random random = new(3);

        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(1, 120)];
            random.NextBytes(bytes);
            bytes[0] |= 1; // leading zeros are the business of other tests

            Assert.Equal('m' + Convert.ToBase64String(bytes).TrimEnd('='), Multibase.Encode(MultibaseEncoding.Base64, bytes));
            Assert.Equal('f' + Convert.ToHexStringLower(bytes), Multibase.Encode(MultibaseEncoding.Base16, bytes));

            string expected = "";

            for (BigInteger number = new(bytes, isUnsigned: true, isBigEndian: true); !number.IsZero; number /= 58)
            {
                expected = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[(int)(number % 58)] + expected;
            }

            Assert.Equal('z' + expected, Multibase.Encode(MultibaseEncoding.Base58Btc, bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Has_one_text_per_letter_case_for_any_bytes(MultibaseEncoding encoding)
    {
        // What a decoder accepts, the encoder writes back: no two texts in one case stand for the same bytes.
        Random random = new(2);
        string sample = Multibase.Encode(encoding, [0, 0, 1, 2, 3, 250, 251, 252, 253, 254, 255, 77]);

        for (int i = 0; i < 3000; i++)
        {
            string mutated = TextMutations.Mutate(sample, random);

            if (mutated.Length > 0 && Multibase.TryDecode(mutated, out MultibaseEncoding read, out byte[]? bytes))
            {
                Assert.Equal(mutated, Multibase.Encode(read, bytes), ignoreCase: true);
            }
        }
    }

    [Theory]
    [InlineData("birswgzloorzgc3djpjssazlwmvzhs5dinfxgoijbef")] // loose bits in the last character
    [InlineData("bpfsxgidnmfxgsibb=")] // padding where there is none
    [InlineData("cab4wk4zanvqw42jaee=====")] // padding too short
    [InlineData("cab4wk4zanvqw42jaee=======")] // padding too long
    [InlineData("MeWVzIG1hbmkgIQ=")]
    [InlineData("meWVzIG1hbmkgIQ==")]
    [InlineData("ueWVzIG1hbmkgIR")]
    [InlineData("f1")]
    [InlineData("0111111")]
    [InlineData("71")]
    [InlineData("R0")]
    [InlineData("R:::")] // 91124, no 16-bit number
    [InlineData("R::")] // 2024, no byte
    [InlineData("zO")]
    [InlineData("\0")]
    [InlineData("\ud83d")] // half of the emoji
    [InlineData("\ud83d\ude80\ud83d")]
    public void Refuses_sloppy_texts(string text) => Assert.False(Multibase.TryDecode(text, out _, out byte[]? _));

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Bounds_what_it_writes_and_reads(MultibaseEncoding encoding)
    {
        bool isNumber = encoding is MultibaseEncoding.Base10 or MultibaseEncoding.Base36 or MultibaseEncoding.Base36Upper
            or MultibaseEncoding.Base58Btc or MultibaseEncoding.Base58Flickr;
        int limit = isNumber ? Multibase.MaxRadixByteCount : Multibase.MaxByteCount;
        byte[] bytes = new byte[limit];
        Array.Fill(bytes, (byte)255);
        string longest = Multibase.Encode(encoding, bytes);

        Assert.Equal(bytes, Multibase.Decode(longest, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Multibase.Encode(encoding, new byte[limit + 1]));

        string tooLong = longest + longest[2..];
        Assert.False(Multibase.TryDecode(tooLong, out _, out byte[]? _, out MultiformatError error));
        Assert.Equal("the text stands for more bytes than allowed here", error.Reason);
    }

    [Fact]
    public void Points_at_the_wrong_character()
    {
        Assert.False(Multibase.TryDecode("z7paNL0", out _, out byte[]? _, out MultiformatError error));
        Assert.Equal(new MultiformatError(6, "a character is not in the alphabet of its base"), error);
    }

    [Fact]
    public void Refuses_an_undefined_base() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => Multibase.Encode((MultibaseEncoding)'q', []));

    private static MultibaseEncoding Named(string name) => name switch
    {
        "base32z" => MultibaseEncoding.Base32Z,
        _ => Enum.Parse<MultibaseEncoding>(name, ignoreCase: true),
    };
}
