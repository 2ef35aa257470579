using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HashMatch.Benchmarks.Searching;

/// <summary>
/// CPU time of the calling thread: what other threads and processes take does not count. Reading it is a system call of
/// some 0.3 us, so that it is for what takes longer.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Microseconds since some point; wall time where the system has no such clock by this name.</summary>
    public static double Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency);
            }

            Marshal.ThrowExceptionForHR(GetTime(ThreadCpuTime, out TimeSpec time));
            return (time.Seconds * 1e6) + (time.Nanoseconds / 1e3);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
