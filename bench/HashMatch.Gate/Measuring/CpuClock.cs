using System.Runtime.InteropServices;

namespace HashMatch.Gate.Measuring;

/// <summary>CPU time, which a neighbour's load does not add to.</summary>
internal static partial class CpuClock
{
    private const int OfProcess = 2;
    private const int OfThread = 3;

    /// <summary>Nanoseconds that the calling thread has run.</summary>
    public static long Thread => Read(OfThread);

    /// <summary>Nanoseconds that all threads of the process have run.</summary>
    public static long Process => Read(OfProcess);

    private static long Read(int clock)
    {
        Marshal.ThrowExceptionForHR(GetTime(clock, out TimeSpec time));
        return (time.Seconds * 1_000_000_000L) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
