using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class DigestTableTests
{
    [Fact]
    public void Every_row_of_a_digest_is_given_and_none_that_the_caller_does_not_know_of() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            HashValue[] values = [.. Enumerable.Range(0, 40).Select(_ => Samples.Value(random, HashType.Sha256))];
            HashValue[] rows = random.GetItems(values, random.Next(300));
            using DigestTable table = new(rows.Length);
            foreach (HashValue value in rows)
            {
                table.Add(DigestTable.HashOf(HashType.Sha256, value));
            }

            int known = random.Next(rows.Length + 1);
            foreach (HashValue value in values)
            {
                int[] expected = [.. Enumerable.Range(0, known).Where(row => rows[row] == value)];
                Assert.Equal(expected, Rows(table, HashType.Sha256, value, known).Where(row => rows[row] == value));
            }

            Assert.Throws<InvalidOperationException>(() => table.Add(1));
        });

    [Fact]
    public void A_row_takes_ten_bytes_and_a_digest_that_is_not_there_gives_next_to_none()
    {
        const int Count = 100_000;
        Random random = new(1);
        using DigestTable table = new(Count);
        for (int i = 0; i < Count; i++)
        {
            table.Add(DigestTable.HashOf(HashType.Md5, Samples.Value(random, HashType.Md5)));
        }

        Assert.InRange((double)table.Bytes / Count, 8, 10.001);
        Assert.Equal(table.Bytes, DigestTable.BytesFor(Count));
        int rows = Enumerable.Range(0, Count)
            .Sum(_ => Rows(table, HashType.Md5, Samples.Value(random, HashType.Md5), Count).Count());

        // 100,000 digests by some ten taken slots each by a tag of 32 bits: 0.0002 are expected.
        Assert.InRange(rows, 0, 3);
    }

    [Fact]
    public void An_empty_table_gives_nothing()
    {
        using DigestTable table = new(0);
        Assert.Empty(Rows(table, HashType.Md5, default, 0));
    }

    private static IEnumerable<int> Rows(DigestTable table, HashType type, HashValue value, int known)
    {
        ulong hash = DigestTable.HashOf(type, value);
        uint slot = table.FirstSlot(hash);
        for (int row = table.NextRow(hash, ref slot, known); row >= 0; row = table.NextRow(hash, ref slot, known))
        {
            yield return row;
        }
    }
}
