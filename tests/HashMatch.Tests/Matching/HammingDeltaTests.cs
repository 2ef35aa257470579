using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class HammingDeltaTests
{
    public static TheoryData<string> Widths => new(TableSamples.Widths.Select(width => width.ToString()));

    [Theory]
    [MemberData(nameof(Widths))]
    public void Of_the_rows_that_a_reader_knows_the_near_ones_are_found(string width) => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            HashValue[] rows = TableSamples.Rows(random, random.Next(400));
            using HammingDelta delta = new(rows.Length, Enum.Parse<VectorWidth>(width));
            foreach (HashValue row in rows)
            {
                delta.Add(row);
                if (random.Next(20) == 0)
                {
                    int count = random.Next(delta.Count + 1);
                    int maxDistance = random.Next(4) == 0 ? random.Next(257) : random.Next(64);
                    HashValue query = TableSamples.Query(random, rows, maxDistance);
                    List<NearRow> found = [];
                    delta.Find(query, maxDistance, count, found);
                    Assert.Equal(TableSamples.Expected(rows[..count], query, maxDistance), found);
                }
            }

            Assert.Equal(rows.Length, delta.Count);
            Assert.Throws<InvalidOperationException>(() => delta.Add(default));
        },
        iter: 30);

    [Fact]
    public async Task Readers_find_what_they_know_while_rows_are_added()
    {
        HashValue[] rows = TableSamples.Rows(new Random(9), 4000);
        using HammingDelta delta = new(rows.Length);
        Task writer = Task.Run(
            () =>
            {
                foreach (HashValue row in rows)
                {
                    delta.Add(row);
                }
            },
            TestContext.Current.CancellationToken);
        int count;
        List<NearRow> found = [];
        do
        {
            count = delta.Count;
            if (count > 0)
            {
                found.Clear();
                delta.Find(rows[count - 1], 31, count, found);
                Assert.Equal(TableSamples.Expected(rows[..count], rows[count - 1], 31), found);
            }
        }
        while (count < rows.Length);
        await writer;
    }
}
