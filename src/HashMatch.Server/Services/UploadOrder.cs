using System.Runtime.InteropServices;
using HashMatch.Imaging;
using HashMatch.Server.Admission;

namespace HashMatch.Server.Services;

/// <summary>One upload's work: what it should take, and what it took.</summary>
public sealed partial class UploadOrder(DecodeWork decode, WorkOrder work, DecodeCosts costs, TimeProvider time)
{
    private const int ThreadClock = 3;

    /// <summary>What the line knows of it.</summary>
    public WorkOrder Work { get; } = work;

    /// <summary>Whether it had a processor for less than half of its time. Told only of decoders that run on the
    /// thread itself, and on Linux.</summary>
    public bool WasStarved { get; private set; }

    /// <summary>Does the work, and learns from it.</summary>
    public T Measure<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        long start = time.GetTimestamp();
        TimeSpan? before = ThreadTime();
        T result = action();
        TimeSpan took = time.GetElapsedTime(start);
        costs.Learn(decode, took);
        WasStarved = decode.IsOwn && ThreadTime() - before < took / 2;
        return result;
    }

    private static TimeSpan? ThreadTime() =>
        OperatingSystem.IsLinux() && GetTime(ThreadClock, out TimeSpec spec) == 0
            ? new TimeSpan((spec.Seconds * TimeSpan.TicksPerSecond) + (spec.Nanoseconds / 100))
            : null;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
