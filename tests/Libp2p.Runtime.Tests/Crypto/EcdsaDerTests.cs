using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class EcdsaDerTests
{
    [Theory]
    [InlineData("3006020101020102", true)]
    [InlineData("3006020100020100", true)] // zeros are well-formed; the curve refuses them
    [InlineData("30070202008002017f", true)]
    [InlineData("3006020180020101", false)] // negative
    [InlineData("300702020001020101", false)] // not minimal
    [InlineData("3005020002010100", false)] // an integer without bytes
    [InlineData("308106020101020102", false)] // long form of a short length
    [InlineData("30810602010102010200", false)]
    [InlineData("300602010102010200", false)] // something behind
    [InlineData("3007020101020102", false)] // cut short
    [InlineData("3005020101020102", false)]
    [InlineData("300602010102020102", false)]
    [InlineData("3106020101020102", false)]
    [InlineData("3006030101020102", false)]
    [InlineData("3080020101020102", false)]
    [InlineData("30800201010201020000", false)] // indefinite
    [InlineData("3003020101", false)]
    [InlineData("3009020101020102020103", false)]
    [InlineData("30", false)]
    [InlineData("", false)]
    public void Only_der_is_read(string der, bool valid) =>
        Assert.Equal(valid, EcdsaDer.TryRead(Convert.FromHexString(der), new byte[EcdsaDer.FixedSize]));

    [Fact]
    public void Integers_of_more_than_256_bits_are_refused()
    {
        byte[] tooLong = [0x30, 38, 2, 33, 1, .. new byte[32], 2, 1, 1];
        Assert.False(EcdsaDer.TryRead(tooLong, new byte[EcdsaDer.FixedSize]));
        byte[] padded = [0x30, 39, 2, 34, 0, 0x81, .. new byte[32], 2, 1, 1];
        Assert.False(EcdsaDer.TryRead(padded, new byte[EcdsaDer.FixedSize]));
        byte[] longest = [0x30, 70, 2, 33, 0, 0x80, .. new byte[31], 2, 33, 0, 0xFF, .. new byte[31]];
        Assert.Equal(EcdsaDer.MaxSize, longest.Length);
        Assert.True(EcdsaDer.TryRead(longest, new byte[EcdsaDer.FixedSize]));
    }

    [Fact]
    public void What_is_written_is_read_and_no_other_bytes_read_the_same()
    {
        Random random = new(690);
        for (int i = 0; i < 2000; i++)
        {
            byte[] signature = new byte[EcdsaDer.FixedSize];
            random.NextBytes(signature);
            signature.AsSpan(0, random.Next(0, 33)).Clear();
            signature.AsSpan(32, random.Next(0, 33)).Clear();
            byte[] der = new byte[EcdsaDer.MaxSize];
            der = der[..EcdsaDer.Write(signature, der)];
            byte[] read = new byte[EcdsaDer.FixedSize];
            Assert.True(EcdsaDer.TryRead(der, read));
            Assert.Equal(signature, read);

            byte[] changed = [.. der];
            changed[random.Next(0, der.Length)] ^= (byte)(1 << random.Next(0, 8));
            Assert.False(EcdsaDer.TryRead(changed, read) && read.AsSpan().SequenceEqual(signature));
        }
    }
}
