using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Pdq;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class HammingScanTests
{
    private delegate int Scan(
        ReadOnlySpan<ulong> words, int rows, int start, HashValue query, int maxDistance, out int distance);

    [Fact]
    public void Scalar_returns_what_brute_force_returns() => Check(HammingScan.FindNextScalar);

    [Fact]
    public void What_is_used_here_returns_what_brute_force_returns() => Check(HammingScan.FindNext);

    [Fact]
    public void Vector512_returns_what_brute_force_returns()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "needs AVX-512BW");
        Check(HammingScan.FindNextVector512);
    }

    [Fact]
    public void Vector256_returns_what_brute_force_returns()
    {
        Assert.SkipUnless(Avx2.IsSupported, "needs AVX2");
        Check(HammingScan.FindNextVector256);
    }

    [Fact]
    public void Vector128_returns_what_brute_force_returns()
    {
        Assert.SkipUnless(Ssse3.IsSupported || AdvSimd.Arm64.IsSupported, "needs SSSE3 or Arm64");
        Check(HammingScan.FindNextVector128);
    }

    [Fact]
    public void The_widest_path_that_the_processor_has_is_used() => Assert.Equal(
        Avx512BW.IsSupported ? "Vector512" : Avx2.IsSupported ? "Vector256"
        : AdvSimd.Arm64.IsSupported ? "Vector128" : "scalar",
        HammingScan.Path);

    private static void Check(Scan scan)
    {
        CheckPlaces(scan);
        CheckAnyData(scan);
    }

    // One near row, at every place of several blocks, for both depths of the filter.
    private static void CheckPlaces(Scan scan)
    {
        const int Rows = 100;
        Random random = new(61);
        PdqHash query = Samples.Pdq(random);
        foreach (int maxDistance in (ReadOnlySpan<int>)[0, 31, 40, 41, 63])
        {
            for (int place = 0; place < Rows; place++)
            {
                PdqHash[] hashes = [.. Enumerable.Range(0, Rows).Select(_ => Samples.Pdq(random))];
                hashes[place] = Samples.Near(random, query, maxDistance);
                Assert.Equal(place, scan(Words(hashes), Rows, 0, HashValue.From(query), maxDistance, out int distance));
                Assert.Equal(maxDistance, distance);
                Assert.Equal(Rows, scan(Words(hashes), Rows, place + 1, HashValue.From(query), maxDistance, out _));
            }
        }
    }

    private static ulong[] Words(PdqHash[] hashes) =>
    [
        .. hashes.Select(h => HashValue.From(h).A),
        .. hashes.Select(h => HashValue.From(h).B),
        .. hashes.Select(h => HashValue.From(h).C),
        .. hashes.Select(h => HashValue.From(h).D),
    ];

    private static void CheckAnyData(Scan scan) => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            PdqHash query = random.Next(8) == 0 ? default : Samples.Pdq(random);
            int maxDistance = random.Next(3) == 0 ? random.Next(256) : random.Next(64);

            // A single near row among unrelated ones is what a block that is looked at wrongly loses.
            int percent = random.Next(3) switch { 0 => 1, 1 => 5, _ => 70 };
            PdqHash[] hashes = [.. Enumerable.Range(0, random.Next(300)).Select(_ => random.Next(100) < percent
                ? Hash(random, query, maxDistance)
                : Samples.Pdq(random))];
            ulong[] words = Words(hashes);
            List<(int, int)> expected = [.. hashes.Index()
                .Select(h => (h.Index, h.Item.Distance(query)))
                .Where(h => h.Item2 <= maxDistance)];
            List<(int, int)> found = [];
            for (int row = 0; row < hashes.Length; row++)
            {
                row = scan(words, hashes.Length, row, HashValue.From(query), maxDistance, out int distance);
                if (row < hashes.Length)
                {
                    found.Add((row, distance));
                }
            }

            Assert.Equal(expected, found);
        },
        iter: 600);

    // At the threshold and one beside it, equal, and far but equal in the columns that are read first.
    private static PdqHash Hash(Random random, PdqHash query, int maxDistance) => random.Next(5) switch
    {
        0 => Samples.Near(random, query, maxDistance),
        1 => Samples.Near(random, query, Math.Min(maxDistance + 1, 256)),
        2 => query,
        3 => Samples.Near(random, query, random.Next(257)),
        _ => Samples.Pdq(random) with { Word3 = query.Word3, Word2 = query.Word2, Word1 = query.Word1 },
    };
}
