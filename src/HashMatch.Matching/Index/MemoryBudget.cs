using System.Globalization;

namespace HashMatch.Matching.Index;

/// <summary>What memory is left: the machine's, and the container's where that is less.</summary>
internal static class MemoryBudget
{
    private const string ControlGroup = "/sys/fs/cgroup/";

    /// <summary>Bytes.</summary>
    public static long Available
    {
        get
        {
            long machine = ReadField("/proc/meminfo", "MemAvailable:") * 1024 ?? long.MaxValue;
            if (ReadNumber("memory.max") is { } limit && ReadNumber("memory.current") is { } used)
            {
                // Pages of files count as used until something else wants them.
                long reclaimable = ReadField(ControlGroup + "memory.stat", "inactive_file") ?? 0;
                return Math.Clamp(limit - used + reclaimable, 0, machine);
            }

            // The machine's memory, or what the runtime keeps to in a container, on every system.
            long total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            return Math.Clamp(total - Environment.WorkingSet, 0, machine);
        }
    }

    /// <exception cref="IndexTooLargeException">As much is not left.</exception>
    /// <param name="bytes">What is needed.</param>
    /// <param name="most">A smaller limit than what is left.</param>
    public static void Require(long bytes, long most = long.MaxValue)
    {
        long available = Math.Min(Available, most);
        if (bytes > available)
        {
            throw new IndexTooLargeException(bytes, available);
        }
    }

    private static long? ReadField(string path, string name)
    {
        foreach (string line in ReadLines(path))
        {
            if (line.StartsWith(name, StringComparison.Ordinal)
                && long.TryParse(
                    line.AsSpan(name.Length).TrimEnd("kB").Trim(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out long number))
            {
                return number;
            }
        }

        return null;
    }

    // "max", and no file, are no limit.
    private static long? ReadNumber(string name) =>
        ReadLines(ControlGroup + name) is [string line, ..]
        && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
