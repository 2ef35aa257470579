using System.Diagnostics;
using HashMatch.Cli.Driving;
using Xunit;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>The two ways to make calls, with calls that are none.</summary>
public sealed class LoopsTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_stalls_is_seen_in_the_percentiles_of_the_open_loop()
    {
        // It answers nothing until 400 of some 1,000 calls have been made: that they are made at all, and that each has
        // waited since it was due, is what a loop that coordinates with the server omits.
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long start = Stopwatch.GetTimestamp();
        TimeSpan stall = TimeSpan.Zero;
        int made = 0;
        PhaseRecord record = await Loops.OpenAsync(
            async () =>
            {
                if (Interlocked.Increment(ref made) == 400)
                {
                    stall = Stopwatch.GetElapsedTime(start);
                    resumed.SetResult();
                }

                await resumed.Task;
                return CallResult.Answered;
            },
            2000, Time, seed: 1, Cancellation);
        Assert.InRange(record.Answered, 800, 1200);
        Assert.True(record.AnsweredAt(100) > stall * 0.9, $"{record.AnsweredAt(100)} of {stall}");
        // Of the 40% that came while it stalled, the half that came first waited half of it or more.
        Assert.True(record.AnsweredAt(85) > stall * 0.3, $"{record.AnsweredAt(85)} of {stall}");
    }

    [Fact]
    public async Task The_open_loop_makes_the_calls_of_its_seed_however_slow_the_machine_is()
    {
        long[] made = new long[3];
        for (int i = 0; i < made.Length; i++)
        {
            PhaseRecord record = await Loops.OpenAsync(
                () => Task.FromResult(CallResult.Answered), 4000, Time / 2, seed: i % 2, Cancellation);
            made[i] = record.Answered;
        }

        Assert.Equal(made[0], made[2]);
        Assert.NotEqual(made[0], made[1]);
        // Arrivals of a Poisson process: 1,000, give or take five times the square root of it.
        Assert.All(made, count => Assert.InRange(count, 840, 1160));
    }

    [Fact]
    public async Task The_closed_loop_has_so_many_calls_on_their_way_and_never_more()
    {
        int now = 0;
        int most = 0;
        PhaseRecord record = await Loops.ClosedAsync(
            async () =>
            {
                int here = Interlocked.Increment(ref now);
                Interlocked.CompareExchange(ref most, here, Math.Min(most, here - 1));
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return CallResult.Answered;
            },
            3, Time / 5, Cancellation);
        Assert.InRange(most, 1, 3);
        Assert.True(record.Answered > 0);
        Assert.Equal(record.Answered / record.Elapsed.TotalSeconds, record.PerSecond);
    }

    [Fact]
    public async Task Only_right_answers_are_throughput()
    {
        CallResult[] results = Enum.GetValues<CallResult>();
        int made = -1;
        PhaseRecord record = await Loops.OpenAsync(
            () => Task.FromResult(results[(uint)Interlocked.Increment(ref made) % results.Length]),
            4000, Time / 5, seed: 3, Cancellation);
        long all = record.Answered + record.Shed + record.Calmed + record.Failed + record.Wrong;
        Assert.Equal(made + 1, all);
        Assert.All(
            (long[])[record.Answered, record.Shed, record.Calmed, record.Failed, record.Wrong],
            count => Assert.InRange(count, all / 5, (all / 5) + 1));
    }

    [Fact]
    public void Latencies_are_told_to_three_digits_and_add_up()
    {
        var first = new Latencies();
        var second = new Latencies();
        for (int i = 1; i <= 1000; i++)
        {
            (i % 2 == 0 ? first : second).Record(TimeSpan.FromMicroseconds(i * 10));
        }

        first.Add(second);
        Assert.Equal(1000, first.Count);
        Assert.InRange(first.At(50).TotalMicroseconds, 4995, 5005);
        Assert.InRange(first.At(99.9).TotalMicroseconds, 9980, 10_000);
        Assert.InRange(first.At(100).TotalMicroseconds, 9995, 10_010);
        Assert.Equal(TimeSpan.Zero, new Latencies().At(99));
    }
}
