using CsCheck;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Pdq;

/// <summary>A hash as words, text and bytes.</summary>
public sealed class PdqHashTests
{
    private static readonly Gen<PdqHash> AnyHash =
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong, (a, b, c, d) => new PdqHash(a, b, c, d));

    [Fact]
    public void Text_and_bytes_read_back_as_the_hash() => AnyHash.Sample(hash =>
    {
        Assert.True(PdqHash.TryParse(hash.ToString(), out PdqHash parsed));
        Assert.Equal(hash, parsed);
        Assert.True(PdqHash.TryParse(hash.ToString().ToUpperInvariant(), out parsed));
        Assert.Equal(hash, parsed);
        byte[] bytes = new byte[PdqHash.ByteCount];
        hash.Write(bytes);
        Assert.Equal(hash, PdqHash.Read(bytes));
        Assert.Equal(hash.ToString(), Convert.ToHexStringLower(bytes));
    });

    [Fact]
    public void The_first_bit_is_the_last_digit() =>
        Assert.Equal("8" + new string('0', 62) + "1", new PdqHash(1, 0, 0, 1UL << 63).ToString());

    [Fact]
    public void Distance_counts_the_bits_that_differ() => Gen.Select(AnyHash, AnyHash).Sample((a, b) =>
    {
        Assert.Equal(0, a.Distance(a));
        Assert.Equal(a.Distance(b), b.Distance(a));
        Assert.Equal(a.PopCount, a.Distance(default));
        Assert.Equal(a.Distance(b), Convert.FromHexString(a.ToString()).Zip(Convert.FromHexString(b.ToString()))
            .Sum(pair => int.PopCount(pair.First ^ pair.Second)));
    });

    [Theory]
    [InlineData("")]
    [InlineData("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2")]
    [InlineData("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b222")]
    [InlineData("g8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")]
    [InlineData(" f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2")]
    [InlineData("0xf8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")]
    public void Anything_but_64_hex_digits_is_no_hash(string text) => Assert.False(PdqHash.TryParse(text, out _));
}
