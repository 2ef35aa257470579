using System.Diagnostics;
using HashMatch.Imaging;
using NetVips;
using Xunit;

namespace HashMatch.Tests.Imaging;

public sealed class DecodeThreadsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_decode_that_does_not_look_up_is_left_behind()
    {
        var threads = new DecodeThreads(maxOverdue: 4);
        using var gate = new ManualResetEventSlim();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        Assert.Null(threads.Run(_ => Blocked(gate), deadline.Token));
        Assert.Equal(1, threads.Overdue);
        gate.Set();
        Until(() => threads.Overdue == 0);
    }

    [Fact]
    public void A_decode_that_looks_up_says_so_itself()
    {
        var threads = new DecodeThreads(maxOverdue: 4);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        ImageHashes? result = threads.Run(
            cancellation =>
            {
                cancellation.WaitHandle.WaitOne();
                return new ImageHashes { Status = DecodeStatus.TimedOut };
            },
            deadline.Token);
        Assert.True(result is null || result.Status == DecodeStatus.TimedOut);
        Until(() => threads.Overdue == 0);
    }

    [Fact]
    public void Nothing_begins_while_too_many_decodes_are_overdue()
    {
        var threads = new DecodeThreads(maxOverdue: 2);
        var decoder = new ImageDecoder(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) }, threads);
        byte[] png = Encodings.All["png"].File;
        using var gate = new ManualResetEventSlim();
        for (int i = 0; i < 2; i++)
        {
            Assert.False(threads.IsFull);
            using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            Assert.Null(threads.Run(_ => Blocked(gate), deadline.Token));
        }

        Assert.True(threads.IsFull);
        ImageHashes refused = decoder.Hash(png, Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.DecoderFailed, refused.Status);
        gate.Set();
        Until(() => !threads.IsFull);
        ImageHashes decoded = decoder.Hash(png, Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.Ok, decoded.Status);
    }

    [Fact]
    public void Threads_are_kept_and_used_again()
    {
        var threads = new DecodeThreads(maxOverdue: 4);
        var seen = new HashSet<int>();
        for (int i = 0; i < 50; i++)
        {
            ImageHashes? result = threads.Run(
                _ =>
                {
                    seen.Add(Environment.CurrentManagedThreadId);
                    return new ImageHashes { Status = DecodeStatus.Ok };
                },
                Cancellation);
            Assert.Equal(DecodeStatus.Ok, result!.Status);
        }

        Assert.Single(seen);
    }

    [Fact]
    public void A_decode_past_its_deadline_is_timed_out()
    {
        var threads = new DecodeThreads(maxOverdue: 4);
        var hasty = new ImageDecoder(new ImageLimits { Timeout = TimeSpan.FromMilliseconds(10) }, threads);
        using Image black = Image.Black(5000, 5000, bands: 3);
        ImageHashes decoded = hasty.Hash(black.PngsaveBuffer(compression: 1), Hashing.Fast, Cancellation);
        Assert.Equal(DecodeStatus.TimedOut, decoded.Status);
        Assert.Equal(ImageFormat.Png, decoded.Format);
        Assert.Equal((5000, 5000), (decoded.Width, decoded.Height));
        Until(() => threads.Overdue == 0);
    }

    private static ImageHashes Blocked(ManualResetEventSlim gate)
    {
        gate.Wait(TimeSpan.FromMinutes(1), CancellationToken.None);
        return new ImageHashes { Status = DecodeStatus.Ok };
    }

    private static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "It does not happen.");
            Thread.Sleep(5);
        }
    }
}
