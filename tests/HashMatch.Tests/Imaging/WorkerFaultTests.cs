using System.Diagnostics;
using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Workers;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>A worker's fault is the failure of one upload, and of no other.</summary>
public sealed class WorkerFaultTests : IDisposable
{
    private static readonly EncodedPicture Picture = Encodings.All["webp"];

    private readonly DecodeWorkers _workers = new(WorkersFixture.Limits, maxWorkers: 2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Crash")]
    [InlineData("Garbage")]
    [InlineData("Allocate")]
    public void A_worker_that_fails_is_replaced(string drill)
    {
        Assert.True(_workers.Warm(1), _workers.Problem);
        int first = Assert.Single(_workers.ProcessIds);
        Assert.Null(_workers.Drill(Enum.Parse<WorkerDrill>(drill), Cancellation));
        AssertHashes();
        Assert.DoesNotContain(first, _workers.ProcessIds);
        AssertEnds(first);
    }

    [Fact]
    public void A_worker_that_hangs_is_killed_at_its_deadline()
    {
        using var workers = new DecodeWorkers(
            WorkersFixture.Limits with { Timeout = TimeSpan.FromMilliseconds(50) }, maxWorkers: 1);
        Assert.True(workers.Warm(1), workers.Problem);
        int first = Assert.Single(workers.ProcessIds);
        Assert.Null(workers.Drill(WorkerDrill.Hang, Cancellation));
        AssertEnds(first);
    }

    [Fact]
    public void A_worker_that_hangs_is_killed_when_its_upload_is_cancelled()
    {
        Assert.True(_workers.Warm(1), _workers.Problem);
        int first = Assert.Single(_workers.ProcessIds);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        Assert.Null(_workers.Drill(WorkerDrill.Hang, cancelled.Token));
        AssertEnds(first);
        AssertHashes();
    }

    [Fact]
    public void A_worker_killed_in_the_middle_fails_its_own_upload_only()
    {
        Assert.True(_workers.Warm(1), _workers.Problem);
        int victim = Assert.Single(_workers.ProcessIds);
        var hanging = new Thread(() => Assert.Null(_workers.Drill(WorkerDrill.Hang, Cancellation)));
        hanging.Start();
        AssertHashes();
        using (Process process = Process.GetProcessById(victim))
        {
            process.Kill();
        }

        hanging.Join();
        AssertHashes();
    }

    [Fact]
    public void A_worker_that_died_idle_costs_no_upload()
    {
        Assert.True(_workers.Warm(2), _workers.Problem);
        foreach (int id in _workers.ProcessIds)
        {
            using Process process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit();
        }

        AssertHashes();
    }

    [Fact]
    public void An_answer_that_is_none_is_a_failed_decode()
    {
        var request = new WorkerRequest { Format = ImageFormat.WebP };
        byte[] good = WorkerReply.ToBytes(Hash(_workers));
        Assert.NotNull(WorkerReply.Parse(good, request));
        (int At, byte Value)[] changes =
        [
            (0, 200), (0, 3), (1, 250), (1, 3), (2, 8), (7, 0x80), (12, 0), (15, 0x80), (16, 0), (19, 0x7F), (20, 9),
            (24, 4), (25, 101),
        ];
        foreach ((int at, byte value) in changes)
        {
            byte[] bad = [.. good];
            bad[at] = value;
            Assert.True(WorkerReply.Parse(bad, request) is null, $"Byte {at} is {value}.");
        }

        for (int length = 0; length < good.Length; length++)
        {
            Assert.Null(WorkerReply.Parse(good.AsSpan(0, length), request));
        }
    }

    [Fact]
    public void Disposed_in_the_middle_no_worker_is_left()
    {
        Assert.True(_workers.Warm(2), _workers.Problem);
        int[] ids = [.. _workers.ProcessIds];
        using var started = new CountdownEvent(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            started.Signal();
            Assert.Null(_workers.Drill(WorkerDrill.Hang, Cancellation));
        }))];
        Array.ForEach(threads, thread => thread.Start());
        started.Wait(Cancellation);
        _workers.Dispose();
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(ids, AssertEnds);
        Assert.Empty(_workers.ProcessIds);
    }

    [Fact]
    public void Workers_are_recycled()
    {
        using var workers = new DecodeWorkers(WorkersFixture.Limits, maxWorkers: 1, maxRequests: 2);
        HashSet<int> seen = [];
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(DecodeStatus.Ok, Hash(workers).Status);
            seen.UnionWith(workers.ProcessIds);
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task Eight_threads_share_two_workers()
    {
        ImageHashes expected = Hash(_workers);
        string[] names = ["webp", "gif", "avif", "tiff cmyk"];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 64),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            (i, cancellation) =>
            {
                if (i % 16 == 7)
                {
                    Assert.Null(_workers.Drill(WorkerDrill.Crash, cancellation));
                }

                byte[] file = Encodings.All[names[i % names.Length]].File;
                ImageHashes hashes = WorkersFixture.Hash(_workers, file, null, cancellation);
                Assert.True(hashes.Status == DecodeStatus.Ok, hashes.Detail);
                if (i % names.Length == 0)
                {
                    WorkersFixture.AssertSame(expected, hashes);
                }

                return ValueTask.CompletedTask;
            });
        Assert.InRange(_workers.ProcessIds.Count, 1, 2);
    }

    [Fact]
    public void Shared_memory_holds_nothing_behind_a_request()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is shared on Linux.");
        foreach (int length in (int[])[1000, 3 * 1024 * 1024])
        {
            using SharedBytes shared = SharedBytes.Create(4 * 1024 * 1024)!;
            byte[] secret = [.. Enumerable.Repeat((byte)'s', length)];
            shared.Write(secret);
            Assert.Contains((byte)'s', File.ReadAllBytes(shared.Path));
            shared.Clear(length);
            Assert.DoesNotContain((byte)'s', File.ReadAllBytes(shared.Path));
        }
    }

    [Fact]
    public void A_cancelled_upload_is_timed_out()
    {
        ImageHeader header = ImageHeader.Read(Picture.Format, Picture.File);
        ImageHashes hashes = _workers.Hash(
            Picture.File, Picture.Format, header, new HashOptions(), WorkersFixture.Limits,
            new CancellationToken(canceled: true));
        Assert.Equal(DecodeStatus.TimedOut, hashes.Status);
    }

    public void Dispose() => _workers.Dispose();

    private static ImageHashes Hash(DecodeWorkers workers) =>
        WorkersFixture.Hash(workers, Picture.File, null, Cancellation);

    private void AssertHashes()
    {
        ImageHashes hashes = Hash(_workers);
        Assert.True(hashes.Status == DecodeStatus.Ok, hashes.Detail);
    }

    // A process that was killed is given back to the system in the background.
    private static void AssertEnds(int id) =>
        Assert.True(SpinWait.SpinUntil(() => !IsAlive(id), TimeSpan.FromSeconds(30)), $"{id} lives.");

    // A process that has ended and was not waited for is there, and no longer alive.
    internal static bool IsAlive(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
