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
                Check(table, rows, query, maxDistance);
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
                Check(table, rows, TableSamples.Query(random, rows, maxDistance), maxDistance);
            }

            Assert.All(rows.Index().Take(50), row => Assert.Equal(row.Item, table[row.Index]));
        },
        iter: 20);

    private static void Check(HammingTable table, HashValue[] rows, HashValue query, int maxDistance)
    {
        // What is in the list stays.
        List<NearRow> found = [new NearRow(-1, -1)];
        table.Find(query, maxDistance, found);
        Assert.Equal(new NearRow(-1, -1), found[0]);
        Assert.Equal(TableSamples.Expected(rows, query, maxDistance), found[1..].OrderBy(near => near.Row));
    }
}
