using CsCheck;
using HashMatch.Imaging;
using HashMatch.Server.Admission;
using Xunit;

namespace HashMatch.Tests.Server;

/// <summary>The line before the decodes, in estimated time.</summary>
public sealed class DecodeQueueTests
{
    private static readonly TimeSpan Most = Ms(500);
    private static readonly TimeSpan Typical = Ms(10);

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public async Task What_work_came_to_is_told_when_it_is_published()
    {
        QueuedWork<int>[] works =
        [
            new(new WorkOrder("caller", TimeSpan.Zero), () => 7),
            new(new WorkOrder("caller", TimeSpan.Zero), () => throw new InvalidDataException()),
            new(new WorkOrder("caller", TimeSpan.Zero), () => throw new OperationCanceledException()),
        ];
        foreach (QueuedWork<int> work in works)
        {
            work.Run();
            Assert.False(work.Done.IsCompleted);
            work.Publish();
            Assert.True(work.Done.IsCompleted);
        }

        Assert.Equal(7, await works[0].Done);
        await Assert.ThrowsAsync<InvalidDataException>(() => works[1].Done);
        Assert.True(works[2].Done.IsCanceled);
    }

    [Fact]
    public void The_wait_is_what_is_in_line_and_what_is_left_of_what_runs()
    {
        var queue = new DecodeQueue(2, Most);
        Assert.Equal(TimeSpan.Zero, queue.Wait(Ms(0)));
        for (int i = 0; i < 4; i++)
        {
            queue.Join(Work("a", 40));
        }

        QueuedWork first = queue.Next(Ms(0))!;
        Assert.NotNull(queue.Next(Ms(0)));
        Assert.Null(queue.Next(Ms(0)));
        Assert.Equal(Ms((40 + 40 + 40 + 40) / 2), queue.Wait(Ms(0)));
        Assert.Equal(Ms((30 + 30 + 40 + 40) / 2), queue.Wait(Ms(10)));
        queue.End(first);
        Assert.Equal(Ms((30 + 40 + 40) / 2), queue.Wait(Ms(10)));
    }

    [Fact]
    public void A_decode_that_hangs_is_not_counted_on()
    {
        var queue = new DecodeQueue(2, Most);
        queue.Join(Work("a", 10));
        queue.Next(Ms(0));
        queue.Join(Work("a", 10));
        queue.Next(Ms(1000));
        queue.Join(Work("a", 30));
        Assert.Equal(Ms(10 + 30), queue.Wait(Ms(1000)));
    }

    [Fact]
    public void What_would_not_be_done_before_its_deadline_is_not_taken()
    {
        var queue = new DecodeQueue(1, Most);
        queue.Join(Work("a", 100));
        QueuedWork running = queue.Next(Ms(0))!;
        Assert.Equal(QueueRefusal.None, queue.Judge(Order("a", 50, 160), Ms(0), Typical));
        Assert.Equal(QueueRefusal.DeadlineTooShort, queue.Judge(Order("a", 50, 140), Ms(0), Typical));
        queue.End(running);
        Assert.Equal(QueueRefusal.None, queue.Judge(Order("a", 50, 140), Ms(20), Typical));
    }

    [Fact]
    public void A_burst_fills_the_line_and_a_line_that_stands_is_held_short()
    {
        var queue = new DecodeQueue(1, Most);
        int taken = 0;
        while (queue.Judge(Order("a", 10), Ms(0), Typical) == QueueRefusal.None)
        {
            queue.Join(Work("a", 10));
            taken++;
        }

        Assert.InRange(taken, 50, 52);
        // Nothing leaves the line; a tenth of a second on, it is no burst any more.
        Assert.Equal(QueueRefusal.QueueFull, queue.Judge(Order("a", 10), Ms(150), Typical));
        Assert.True(queue.IsStanding);
        Drain(queue, 47, Ms(150));
        Assert.Equal(QueueRefusal.QueueFull, queue.Judge(Order("a", 10), Ms(160), Typical));
        Drain(queue, 2, Ms(160));
        Assert.Equal(QueueRefusal.None, queue.Judge(Order("a", 10), Ms(170), Typical));
        // A window in which few are refused ends it.
        for (int i = 0; i < 40; i++)
        {
            queue.Judge(Order("a", 10), Ms(170 + (i * 20)), Typical);
        }

        Assert.False(queue.IsStanding);
    }

    [Fact]
    public void One_caller_does_not_take_the_whole_line()
    {
        var queue = new DecodeQueue(1, Most);
        QueuedWork[] busy = [.. Enumerable.Range(0, 20).Select(_ => Work("busy", 10))];
        Array.ForEach(busy, queue.Join);
        Assert.Same(busy[^1], queue.Displaced("other"));
        Assert.Null(queue.Displaced("busy"));
        Assert.True(queue.Leave(busy[^1]));
        Assert.False(queue.Leave(busy[^1]));
        for (int i = 0; i < 18; i++)
        {
            queue.Join(Work("other", 10));
        }

        Assert.Null(queue.Displaced("other"));
    }

    [Fact]
    public void Room_is_promised_to_what_is_being_received_for_a_while_only()
    {
        var queue = new DecodeQueue(1, Ms(50));
        Promise first = queue.Keep(Ms(0));
        for (int i = 0; i < 5; i++)
        {
            queue.Keep(Ms(0));
        }

        Assert.Equal(QueueRefusal.QueueFull, queue.Judge(Order("a", 10), Ms(10), Typical));
        Assert.Equal(
            QueueRefusal.None, queue.Judge(Order("a", 10) with { Promise = first }, Ms(10), Typical));
        // Slow senders keep no decode idle.
        Assert.Equal(QueueRefusal.None, queue.Judge(Order("a", 10), Ms(150), Typical));
    }

    [Fact]
    public void Whatever_happens_nothing_is_lost_and_no_wait_is_negative() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 200], Gen.Int[0, 3]).Array[0, 150].Sample(steps =>
        {
            var queue = new DecodeQueue(2, Most);
            List<QueuedWork> waiting = [];
            List<QueuedWork> running = [];
            TimeSpan now = TimeSpan.Zero;
            foreach ((int what, int size, int who) in steps)
            {
                now += Ms(size / 10.0);
                switch (what)
                {
                    case 0 or 1:
                        QueuedWork work = Work($"caller {who}", size);
                        queue.Join(work);
                        waiting.Add(work);
                        break;
                    case 2 when queue.Next(now) is { } next:
                        Assert.True(waiting.Remove(next));
                        running.Add(next);
                        break;
                    case 3 when running.Count > 0:
                        queue.End(running[0]);
                        running.RemoveAt(0);
                        break;
                    default:
                        if (queue.Displaced($"caller {who}") is { } displaced)
                        {
                            Assert.True(queue.Leave(displaced) && waiting.Remove(displaced));
                        }

                        break;
                }

                Assert.True(queue.Wait(now) >= TimeSpan.Zero);
                Assert.Equal((waiting.Count, running.Count), (queue.Count, queue.Running));
                Assert.InRange(running.Count, 0, 2);
            }

            Assert.Equal(waiting, queue.Clear());
        });

    [Fact]
    public void Estimates_come_to_what_is_measured_and_one_outlier_moves_them_little()
    {
        var costs = new DecodeCosts();
        var work = new DecodeWork(ImageFormat.Png, 1_000_000, 500_000, IsOwn: true);
        for (int i = 0; i < 200; i++)
        {
            costs.Learn(work, Ms(20));
        }

        Assert.InRange(costs.Estimate(work).TotalMilliseconds, 19, 21);
        Assert.InRange(costs.Typical.TotalMilliseconds, 19, 21);
        TimeSpan twice = costs.Estimate(work with { Pixels = 2_000_000, Bytes = 1_000_000 });
        Assert.InRange(twice.TotalMilliseconds, 36, 42);
        costs.Learn(work, TimeSpan.FromHours(1));
        Assert.InRange(costs.Estimate(work).TotalMilliseconds, 19, 25);
        // Another format has its own.
        Assert.True(costs.Estimate(work with { Format = ImageFormat.Jpeg }) < Ms(10));
    }

    private static void Drain(DecodeQueue queue, int count, TimeSpan now)
    {
        for (int i = 0; i < count; i++)
        {
            queue.End(queue.Next(now)!);
        }
    }

    private static WorkOrder Order(string caller, double estimateMs, double? deadlineMs = null) =>
        new(caller, Ms(estimateMs), deadlineMs is { } at ? Ms(at) : null);

    private static QueuedWork<bool> Work(string caller, double estimateMs) =>
        new(Order(caller, estimateMs), () => true);
}
