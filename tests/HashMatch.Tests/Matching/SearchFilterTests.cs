using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>
/// Every bound of the filter, from both sides: what the definition lets pass is looked at, in every chunk, and no more.
/// <c>tests/mutate-filter</c> moves each bound by one and expects these tests to fail.
/// </summary>
public sealed class SearchFilterTests
{
    private static readonly BuildPace NoPace = new(null, CancellationToken.None);

    public static TheoryData<string, string> Paths => new(
        from kind in Enum.GetValues<TableKind>()
        where kind != TableKind.Planes
        from width in TableSamples.Widths
        select (kind.ToString(), width.ToString()));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Candidates_are_what_the_definition_says(string kind, string width) => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            HashValue query = TableSamples.Uniform(random);
            int rowCount = random.Next(2) == 0 ? random.Next(70) : random.Next(3000);
            HashValue[] rows = [.. Enumerable.Range(0, rowCount).Select(_ => AtTheEdge(random, query))];
            using ChunkedTable table = Build(rows, kind, width);
            int[] widths = Widths(kind);
            int[] thresholds = [.. widths.Select(_ => random.Next(-1, 3))];
            thresholds[random.Next(thresholds.Length)] = random.Next(4);
            int maxDistance = thresholds.Sum(threshold => threshold + 1) - 1;
            List<NearRow> found = [];
            List<(int, int)> candidates = [];
            table.FindBy(SearchPlan.Create(table.Layout, thresholds), query, maxDistance, found, candidates);

            Assert.Equal(
                TableSamples.Expected(rows, query, maxDistance), found.OrderBy(near => near.Row));
            Assert.Equal(
                rows.Index().SelectMany(row => Passing(widths, table.Layout.BucketBits, thresholds, query, row.Item)
                    .Select(chunk => (chunk, row.Index))).Order(),
                candidates.Order());
        },
        iter: kind == nameof(TableKind.WideBuckets) ? 5 : 40);

    // All chunks but one differ in a bit more than their threshold, that one in as many: nothing else finds the row.
    [Theory]
    [MemberData(nameof(Paths))]
    public void A_row_that_one_chunk_alone_can_find_is_found(string kind, string width)
    {
        Random random = new(7);
        int[] widths = Widths(kind);
        HashValue query = TableSamples.Uniform(random);
        foreach (int maxDistance in (ReadOnlySpan<int>)[0, 5, 15, 16, 31, 38])
        {
            using ChunkedTable sizes = Build([query], kind, width);
            int[]? thresholds = SearchPlan.Thresholds(sizes.Layout, 1_000_000, maxDistance);

            // Few buckets take no more; the filter holds for them all the same.
            thresholds ??= [.. widths.Select((_, chunk) => ((maxDistance + 1 + chunk) / widths.Length) - 1)];
            HashValue[] rows = [.. Enumerable.Range(0, widths.Length).Where(chunk => thresholds[chunk] >= 0)
                .Select(only => Flip(random, query, widths, chunk => thresholds[chunk] + (chunk == only ? 0 : 1)))];
            using ChunkedTable table = Build(rows, kind, width);
            List<NearRow> found = [];
            table.FindBy(SearchPlan.Create(table.Layout, thresholds), query, maxDistance, found, []);
            Assert.Equal(
                Enumerable.Range(0, rows.Length).Select(row => new NearRow(row, maxDistance)),
                found.OrderBy(near => near.Row));
        }
    }

    [Theory]
    [InlineData(16, 1_000_000)]
    [InlineData(13, 100_000_000)]
    public void Thresholds_add_up_to_one_more_than_the_distance(int chunks, int rows)
    {
        ChunkLayout layout = chunks == 16 ? ChunkLayout.Narrow(16) : ChunkLayout.Wide;
        for (int maxDistance = 0; maxDistance <= 63; maxDistance++)
        {
            int[]? thresholds = SearchPlan.Thresholds(layout, rows, maxDistance);
            Assert.NotNull(thresholds);
            Assert.Equal(chunks, thresholds.Length);
            Assert.All(thresholds, threshold => Assert.InRange(threshold, -1, 16));
            Assert.Equal(maxDistance + 1, thresholds.Sum(threshold => threshold + 1));
        }
    }

    [Fact]
    public void The_planned_buckets_are_looked_at_for_31_bits_at_every_size()
    {
        Assert.False(SearchPlan.Create(ChunkLayout.Narrow(16), 1_000_000, 31).ReadsAll);
        Assert.False(SearchPlan.Create(ChunkLayout.Narrow(16), 10_000_000, 31).ReadsAll);
        Assert.False(SearchPlan.Create(ChunkLayout.Wide, 100_000_000, 31).ReadsAll);
        Assert.True(SearchPlan.Create(ChunkLayout.Narrow(16), 10_000_000, 256).ReadsAll);
    }

    [Theory]
    [InlineData("Scalar")]
    [InlineData("Vector128")]
    [InlineData("Vector256")]
    [InlineData("Vector512")]
    public void A_line_that_is_just_full_does_not_overflow(string width)
    {
        VectorWidth kernels = Enum.Parse<VectorWidth>(width);
        Assert.SkipUnless(TableSamples.Widths.Contains(kernels), "the processor has not got it");
        HashValue value = TableSamples.Uniform(new Random(3));
        long[] bytes = new long[64];
        for (int count = 1; count < bytes.Length; count++)
        {
            HashValue[] rows = [.. Enumerable.Repeat(value, count)];
            using ChunkedTable table = Build(rows, nameof(TableKind.Lines), width);
            bytes[count] = table.Bytes - (count * (32 + (16 * sizeof(uint))));
            List<NearRow> found = [];
            List<(int, int)> candidates = [];
            int[] thresholds = [.. Enumerable.Repeat(1, 16)];
            table.FindBy(SearchPlan.Create(table.Layout, thresholds), value, 31, found, candidates);
            Assert.Equal(TableSamples.Expected(rows, value, 31), found.OrderBy(near => near.Row));
            Assert.Equal(16 * count, candidates.Count);
        }

        // Both have as many buckets; 16 chunks of 29 signatures lie elsewhere, less what blocks are rounded up by.
        Assert.InRange(bytes[29] - bytes[28], (16 * 29 * sizeof(ushort)) - 128, (16 * 29 * sizeof(ushort)) + 128);
        Assert.InRange(bytes[28] - bytes[27], -128, 128);
    }

    private static ChunkedTable Build(HashValue[] rows, string kind, string width) => (ChunkedTable)HammingTable.Build(
        TableSamples.ToNative(rows), Enum.Parse<TableKind>(kind), Enum.Parse<VectorWidth>(width), NoPace);

    private static int[] Widths(string kind) => kind == nameof(TableKind.WideBuckets)
        ? [18, 18, 18, 18, 18, 18, 18, 22, 22, 22, 22, 21, 21]
        : [.. Enumerable.Repeat(16, 16)];

    // Few bits of each 16 differ, so that most bounds are met exactly by some row.
    private static HashValue AtTheEdge(Random random, HashValue query)
    {
        int most = random.Next(1, 6);
        return Flip(random, query, [.. Enumerable.Repeat(16, 16)], _ => random.Next(most));
    }

    // The number of bits that differ in each chunk of shuffled bits.
    private static HashValue Flip(Random random, HashValue query, int[] widths, Func<int, int> flips)
    {
        bool[] bits = new bool[256];
        int offset = 0;
        for (int chunk = 0; chunk < widths.Length; chunk++)
        {
            int[] places = [.. Enumerable.Range(offset, widths[chunk])];
            random.Shuffle(places);
            foreach (int place in places[..flips(chunk)])
            {
                bits[place] = true;
            }

            offset += widths[chunk];
        }

        HashValue flipped = BitOrder.Undo(new HashValue(Word(bits, 0), Word(bits, 1), Word(bits, 2), Word(bits, 3)));
        return new HashValue(query.A ^ flipped.A, query.B ^ flipped.B, query.C ^ flipped.C, query.D ^ flipped.D);
    }

    private static ulong Word(bool[] bits, int word)
    {
        ulong value = 0;
        for (int bit = 0; bit < 64; bit++)
        {
            value |= bits[(word * 64) + bit] ? 1ul << bit : 0;
        }

        return value;
    }

    // The chunks that let a row pass, bit by bit: what the bucket and the signature see of the two bounds.
    private static IEnumerable<int> Passing(
        int[] widths, Func<int, int> bucketBits, int[] thresholds, HashValue query, HashValue row)
    {
        HashValue a = BitOrder.Apply(query);
        HashValue b = BitOrder.Apply(row);
        ulong[] words = [a.A ^ b.A, a.B ^ b.B, a.C ^ b.C, a.D ^ b.D];
        int offset = 0;
        for (int chunk = 0; chunk < widths.Length; chunk++)
        {
            int bits = bucketBits(chunk);
            int inBucket = Count(offset, bits);
            int inSignature = Count(offset + bits, 16);
            if (inBucket <= thresholds[chunk]
                && inBucket + inSignature <= thresholds[chunk] + thresholds[(chunk + 1) % widths.Length] + 1)
            {
                yield return chunk;
            }

            offset += widths[chunk];
        }

        int Count(int from, int count) =>
            Enumerable.Range(from, count).Count(bit => ((words[bit % 256 / 64] >> (bit % 64)) & 1) != 0);
    }
}
