using System.Globalization;

namespace HashMatch.Matching.Index;

/// <summary>What memory is left: the machine's, and the container's where that is less.</summary>
internal static class MemoryBudget
{
    /// <summary>Bytes.</summary>
    public static long Available
    {
        get
        {
            long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
            return Math.Max(0, Math.Min(limit, MachineBytes()));
        }
    }

    /// <exception cref="IndexTooLargeException">As much is not left.</exception>
    public static void Require(long bytes)
    {
        long available = Available;
        if (bytes > available)
        {
            throw new IndexTooLargeException(bytes, available);
        }
    }

    // "MemAvailable:   22970776 kB": what can be had without swapping, caches included.
    private static long MachineBytes()
    {
        const string Name = "MemAvailable:";
        if (!OperatingSystem.IsLinux())
        {
            return long.MaxValue;
        }

        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith(Name, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> kilobytes = line.AsSpan()[Name.Length..^" kB".Length];
                return 1024 * long.Parse(kilobytes, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
            }
        }

        return long.MaxValue;
    }
}
