using System.Diagnostics;
using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Measuring;

/// <summary>Operations that one side did in its turn.</summary>
/// <param name="CpuNanoseconds">All of them, on every thread that took part.</param>
/// <param name="ClockNanoseconds">All of them, by the wall clock.</param>
/// <param name="Each">Nanoseconds of each: CPU time where one thread does them, else by the wall clock.</param>
internal sealed record Slice(long CpuNanoseconds, long ClockNanoseconds, int[] Each)
{
    /// <summary>Does operations.</summary>
    public static Slice Run(GateCase done, int operations)
    {
        int[] each = new int[operations];
        long clock = Stopwatch.GetTimestamp();
        if (done.IsOnOneThread)
        {
            long start = CpuClock.Thread;
            long last = start;
            for (int i = 0; i < each.Length; i++)
            {
                done.Run();
                long now = CpuClock.Thread;
                each[i] = Limit(now - last);
                last = now;
            }

            return new Slice(last - start, Nanoseconds(Stopwatch.GetTimestamp() - clock), each);
        }
        else
        {
            long start = CpuClock.Process;
            long last = clock;
            for (int i = 0; i < each.Length; i++)
            {
                done.Run();
                long now = Stopwatch.GetTimestamp();
                each[i] = Limit(Nanoseconds(now - last));
                last = now;
            }

            return new Slice(CpuClock.Process - start, Nanoseconds(last - clock), each);
        }
    }

    private static long Nanoseconds(long ticks) => (long)Stopwatch.GetElapsedTime(0, ticks).TotalNanoseconds;

    private static int Limit(long nanoseconds) => (int)Math.Clamp(nanoseconds, 1, int.MaxValue);
}
