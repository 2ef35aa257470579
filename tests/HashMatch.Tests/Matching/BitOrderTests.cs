using System.Runtime.Intrinsics.X86;
using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class BitOrderTests
{
    [Fact]
    public void Distances_stay_and_what_is_shuffled_can_be_undone() => Gen.Int.Sample(seed =>
    {
        Random random = new(seed);
        HashValue value = TableSamples.Uniform(random);
        HashValue other = TableSamples.Near(random, value, random.Next(257));
        Assert.Equal(
            TableSamples.Distance(value, other),
            TableSamples.Distance(BitOrder.Apply(value), BitOrder.Apply(other)));
        Assert.Equal(value, BitOrder.Undo(BitOrder.Apply(value)));
    });

    [Fact]
    public void Vector512_returns_what_scalar_returns()
    {
        Assert.SkipUnless(Avx512Vbmi.IsSupported, "needs AVX-512VBMI");
        Gen.Int.Sample(seed =>
        {
            HashValue value = TableSamples.Uniform(new Random(seed));
            Assert.Equal(BitOrder.ApplyScalar(value), BitOrder.ApplyVector512(value));
        });
    }

    // Bits that lie side by side, or one row of a picture's block apart, fall into chunks of their own.
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Neighbours_are_torn_apart(int step)
    {
        int[] chunks = [.. Enumerable.Range(0, 256).Select(bit =>
        {
            HashValue shuffled = BitOrder.Apply(Single(bit));
            return Enumerable.Range(0, 256).Single(place => shuffled == Single(place)) / 16;
        })];
        int together = Enumerable.Range(0, 256).Count(bit => chunks[bit] == chunks[(bit + step) % 256]);
        Assert.InRange(together, 0, 40);
    }

    private static HashValue Single(int bit) => new(
        bit < 64 ? 1ul << bit : 0, bit / 64 == 1 ? 1ul << (bit % 64) : 0,
        bit / 64 == 2 ? 1ul << (bit % 64) : 0, bit / 64 == 3 ? 1ul << (bit % 64) : 0);
}
