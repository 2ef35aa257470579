using HashMatch.Matching;
using HashMatch.Matching.Index;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class TableBuildTests
{
    public static TheoryData<string> Kinds => new(Enum.GetNames<TableKind>());

    [Fact]
    public void What_does_not_fit_is_refused_before_memory_is_taken()
    {
        long available = MemoryBudget.Available;
        Assert.InRange(available, 1, long.MaxValue);
        MemoryBudget.Require(0);
        var refused = Assert.Throws<IndexTooLargeException>(() => MemoryBudget.Require(1L << 60));
        Assert.Equal(1L << 60, refused.NeededBytes);
        Assert.InRange(refused.AvailableBytes, 0, (1L << 60) - 1);
    }

    [Fact]
    public void What_the_system_does_not_map_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere memory is not mapped");
        Assert.Equal(1L << 56, Assert.Throws<IndexTooLargeException>(() => new NativeBlock(1L << 56)).NeededBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(30_000)]
    [InlineData(1_500_000)]
    public void A_table_holds_no_more_than_was_estimated(int count)
    {
        // Rows alike overflow every line: the worst case.
        foreach (bool alike in (ReadOnlySpan<bool>)[true, false])
        {
            HashRows rows = new(count);
            ulong state = 1;
            for (int i = 0; i < count; i++)
            {
                state = alike ? 1 : (state * 6364136223846793005) + 1442695040888963407;
                rows.Add(new HashValue(state, state * 7, state * 31, state * 63));
            }

            (long held, long building) = HammingTable.Estimate(count);
            using HammingTable table = HammingTable.Build(rows, CancellationToken.None);

            // Blocks end at huge pages.
            Assert.InRange(table.Bytes, 0, held + (3 * 2 * 1024 * 1024));
            Assert.InRange(table.Bytes, count * 32L, long.MaxValue);
            Assert.InRange(building, held, 3 * held);
        }
    }

    [Theory]
    [InlineData(1_000_000, 240)]
    [InlineData(10_000_000, 130)]
    [InlineData(100_000_000, 112)]
    public void Bytes_a_hash_are_bounded(long count, int bytes) =>
        Assert.InRange((double)HammingTable.Estimate(count).Held / count, 32, bytes);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_build_that_is_cancelled_frees_its_rows(string kind)
    {
        using CancellationTokenSource cancelled = new();
        HashRows rows = TableSamples.ToNative(TableSamples.Rows(new Random(1), 70_000));
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => HammingTable.Build(
            rows, Enum.Parse<TableKind>(kind), SignatureScan.Widest,
            new BuildPace(
                () =>
                {
                    steps++;
                    cancelled.Cancel();
                },
                cancelled.Token)));
        Assert.Equal(1, steps);
        Assert.True(rows.IsClosed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Finding_allocates_nothing(string kind)
    {
        HashValue[] rows = TableSamples.Rows(new Random(2), 20_000);
        using HammingTable table = HammingTable.Build(
            TableSamples.ToNative(rows), Enum.Parse<TableKind>(kind), SignatureScan.Widest,
            new BuildPace(null, CancellationToken.None));
        List<NearRow> found = new(rows.Length);
        Assert.Equal(0, Allocations.Least(() =>
        {
            found.Clear();
            table.Find(rows[0], 31, found);
        }));
    }
}
