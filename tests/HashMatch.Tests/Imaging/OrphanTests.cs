using System.Diagnostics;
using System.Runtime.InteropServices;
using HashMatch.Imaging.Workers;
using Xunit;

namespace HashMatch.Tests.Imaging;

/// <summary>A process that is killed cannot end its workers: they must see it themselves.</summary>
public sealed class OrphanTests
{
    private const int SigStop = 19;
    private const string Order = "HASHMATCH_TESTS_ORPHANS";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_process_leaves_no_worker_not_even_one_that_is_stopped(bool isStopped)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Workers watch their parent on Linux.");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                typeof(OrphanTests).Assembly.Location,
                "-method",
                $"*{nameof(A_process_that_is_about_to_be_killed)}",
            },
            Environment = { [Order] = "1" },
        };
        using Process parent = Process.Start(start)!;
        int[]? workers = null;
        while (workers is null && await parent.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            workers = line.StartsWith(Order, StringComparison.Ordinal)
                ? [.. line[(Order.Length + 1)..].Split(' ').Select(int.Parse)]
                : null;
        }

        Assert.Equal(2, workers?.Length);
        Assert.DoesNotContain(false, workers!.Select(WorkerFaultTests.IsAlive));
        foreach (int worker in isStopped ? workers! : [])
        {
            Assert.Equal(0, SendSignal(worker, SigStop));
        }

        parent.Kill();
        await parent.WaitForExitAsync(Cancellation);
        foreach (int worker in workers!)
        {
            await Gone(worker);
        }
    }

    [Fact]
    public void A_worker_outlives_the_thread_that_asked_for_it()
    {
        using var workers = new DecodeWorkers(WorkersFixture.Limits, maxWorkers: 1);
        var asker = new Thread(() => workers.Warm(1));
        asker.Start();
        asker.Join();
        int worker = Assert.Single(workers.ProcessIds);
        Assert.NotNull(workers.Drill(WorkerDrill.Probe, Cancellation));
        Assert.Equal(worker, Assert.Single(workers.ProcessIds));
    }

    // Run by the test above, in a process of its own: one worker hangs, the other is idle.
    [Fact]
    public void A_process_that_is_about_to_be_killed()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Order) is null, "Part of another test.");
        using var workers = new DecodeWorkers(WorkersFixture.Limits, maxWorkers: 2);
        Assert.True(workers.Warm(2), workers.Problem);
        Console.Out.WriteLine($"{Environment.NewLine}{Order} {string.Join(' ', workers.ProcessIds)}");
        Console.Out.Flush();
        _ = workers.Drill(WorkerDrill.Hang, Cancellation);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    // A child of nobody is reaped by whoever adopts it; until then it is a zombie, which is no worker.
    private static async Task Gone(int id)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        string state = $"/proc/{id}/stat";
        while (File.Exists(state)
            && !(await File.ReadAllTextAsync(state, late.Token)).Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), late.Token);
        }
    }
}
