using System.Diagnostics;

namespace HashMatch.Benchmarks.Paired;

/// <summary>
/// Two contenders in turn, A B A B, in CPU time of the process, so that a busy machine slows both alike and helper
/// threads of native code are counted.
/// </summary>
internal static class PairedRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    // CPU time is told in microseconds: a sample is long against that.
    private static readonly TimeSpan MinSample = TimeSpan.FromMilliseconds(4);

    /// <summary>Measures; after a warm-up that lets the JIT finish with both.</summary>
    /// <param name="ours">A.</param>
    /// <param name="peer">B.</param>
    /// <param name="rounds">Pairs that are timed.</param>
    public static PairedResult Measure(Contender ours, Contender peer, int rounds)
    {
        int oursTimes = Calibrate(ours);
        int peerTimes = Calibrate(peer);
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            a[i] = Sample(ours, oursTimes);
            b[i] = Sample(peer, peerTimes);
        }

        double[] ratios = [.. a.Zip(b, (x, y) => y / x).Order()];
        return new PairedResult(Median(a), Median(b), Median(ratios), ratios[0], ratios[^1], a.Min());
    }

    /// <summary>The middle of the values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    // Runs of one sample.
    private static int Calibrate(Contender contender)
    {
        long start = Stopwatch.GetTimestamp();
        double fastest = double.MaxValue;
        do
        {
            fastest = Math.Min(fastest, Sample(contender, 1));
        }
        while (Stopwatch.GetElapsedTime(start) < WarmUp);

        // The JIT's last tier comes on a timer.
        Thread.Sleep(120);
        return (int)Math.Clamp(MinSample.TotalMicroseconds / Math.Max(1, fastest), 1, 1000);
    }

    // Microseconds of one run.
    private static double Sample(Contender contender, int times)
    {
        TimeSpan spent = TimeSpan.Zero;
        if (contender.Prepare is null)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < times; i++)
            {
                contender.Run();
            }

            spent = Environment.CpuUsage.TotalTime - start;
        }
        else
        {
            for (int i = 0; i < times; i++)
            {
                contender.Prepare();
                TimeSpan start = Environment.CpuUsage.TotalTime;
                contender.Run();
                spent += Environment.CpuUsage.TotalTime - start;
            }
        }

        return Math.Max(spent.TotalMicroseconds, 0.01) / times;
    }
}
