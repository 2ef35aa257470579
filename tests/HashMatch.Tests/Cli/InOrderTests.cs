using CsCheck;
using HashMatch.Cli.Input;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>Many files at once, results in order.</summary>
public sealed class InOrderTests
{
    [Fact]
    public Task Results_come_in_the_order_of_the_items() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 8]).SampleAsync(async (count, degree) =>
        {
            List<int> seen = [];
            await foreach ((int item, int result) in InOrder.RunAsync(
                Enumerable.Range(0, count),
                async (item, _) =>
                {
                    await Task.Yield();
                    return item * 2;
                },
                degree,
                CancellationToken.None))
            {
                Assert.Equal(item * 2, result);
                seen.Add(item);
            }

            Assert.Equal(Enumerable.Range(0, count), seen);
        });

    [Fact]
    public async Task No_more_items_are_in_work_than_allowed()
    {
        int now = 0;
        int most = 0;
        await foreach (var _ in InOrder.RunAsync(
            Enumerable.Range(0, 100),
            async (item, token) =>
            {
                int here = Interlocked.Increment(ref now);
                InterlockedMax(ref most, here);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return item;
            },
            3,
            TestContext.Current.CancellationToken))
        {
        }

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_fault_ends_the_rest_and_waits_for_what_runs()
    {
        int running = 0;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (var _ in InOrder.RunAsync(
                Enumerable.Range(0, 10),
                async (item, token) =>
                {
                    Interlocked.Increment(ref running);
                    try
                    {
                        if (item == 0)
                        {
                            throw new IOException();
                        }

                        await Task.Delay(Timeout.Infinite, token);
                        return item;
                    }
                    finally
                    {
                        Interlocked.Decrement(ref running);
                    }
                },
                4,
                TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal(0, running);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value
            && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
