using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class HammingTableTests
{
    private static readonly BuildPace NoPace = new(null, CancellationToken.None);

    public static TheoryData<string, string> Paths => new(
        from kind in Enum.GetValues<TableKind>()
        from width in TableSamples.Widths
        select (kind.ToString(), width.ToString()));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_row_within_distance_is_found_once_and_no_other(string kind, string width) => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            HashValue[] rows = TableSamples.Rows(random, random.Next(3) == 0 ? random.Next(3) : random.Next(3000));
            using HammingTable table = HammingTable.Build(
                TableSamples.ToNative(rows), Enum.Parse<TableKind>(kind), Enum.Parse<VectorWidth>(width), NoPace);
            Assert.Equal(rows.Length, table.Count);
            for (int i = 0; i < 12; i++)
            {
                int maxDistance = random.Next(6) == 0 ? random.Next(257) : random.Next(64);
                HashValue query = TableSamples.Query(random, rows, maxDistance);
                List<NearRow> expected = TableSamples.Expected(rows, query, maxDistance);

                // What is in the list stays.
                List<NearRow> found = [new NearRow(-1, -1)];
                table.Find(query, maxDistance, found);
                Assert.Equal(new NearRow(-1, -1), found[0]);
                Assert.Equal(expected, found[1..].OrderBy(near => near.Row));
                if (table is ChunkedTable chunked && Plan(random, chunked, maxDistance) is SearchPlan plan)
                {
                    found.Clear();
                    chunked.FindBy(plan, query, maxDistance, found, []);
                    Assert.Equal(expected, found.OrderBy(near => near.Row));
                }
            }
        },
        iter: kind == nameof(TableKind.WideBuckets) ? 2 : 20);

    [Fact]
    public void Any_number_of_rows_has_a_table() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            HashValue[] rows = TableSamples.Rows(random, random.Next(20_000));
            using HammingTable table = HammingTable.Build(TableSamples.ToNative(rows), CancellationToken.None);
            for (int i = 0; i < 5; i++)
            {
                int maxDistance = random.Next(64);
                HashValue query = TableSamples.Query(random, rows, maxDistance);
                List<NearRow> found = [];
                table.Find(query, maxDistance, found);
                Assert.Equal(
                    TableSamples.Expected(rows, query, maxDistance), found.OrderBy(near => near.Row));
            }
        },
        iter: 20);

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_kind_and_the_kernels_that_were_asked_for_are_used(string kind, string width)
    {
        using HammingTable table = HammingTable.Build(
            TableSamples.ToNative(TableSamples.Rows(new Random(5), 100)), Enum.Parse<TableKind>(kind),
            Enum.Parse<VectorWidth>(width), NoPace);
        (string Kind, string Width) used = table switch
        {
            PlaneTable planes => (nameof(TableKind.Planes), planes.Width.ToString()),
            LineTable lines => (nameof(TableKind.Lines), lines.Width.ToString()),
            BucketTable buckets => (
                buckets.Layout.Count == 16 ? nameof(TableKind.NarrowBuckets) : nameof(TableKind.WideBuckets),
                buckets.Width.ToString()),
            _ => default,
        };
        Assert.Equal((kind, width), used);
    }

    // Thresholds that the cost model may choose, or any others of the same sum; null where there are too many buckets.
    private static SearchPlan? Plan(Random random, ChunkedTable table, int maxDistance)
    {
        int[]? thresholds = SearchPlan.Thresholds(table.Layout, table.Count, maxDistance);
        if (thresholds is null || maxDistance > (table.Layout.Count == 16 ? 63 : 40))
        {
            Assert.True(maxDistance > 31 || table.PlanFor(maxDistance).ReadsAll);
            return null;
        }

        Assert.Equal(maxDistance + 1, thresholds.Sum(threshold => threshold + 1));
        for (int i = random.Next(4); i > 0; i--)
        {
            int from = random.Next(thresholds.Length);
            int to = random.Next(thresholds.Length);
            if (thresholds[from] >= 0 && thresholds[to] < 3)
            {
                thresholds[from]--;
                thresholds[to]++;
            }
        }

        return SearchPlan.Create(table.Layout, thresholds);
    }
}
