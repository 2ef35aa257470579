using System.Globalization;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Memory of this machine and of this process.</summary>
internal static class HostMemory
{
    // For the runtime, the queries and the neighbours.
    private const long Reserve = 1L << 30;

    /// <summary>Bytes that can be had without swapping.</summary>
    public static long Available =>
        Read("/proc/meminfo", "MemAvailable:") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Bytes of this process's own pages that are in memory; null where the system does not tell.</summary>
    public static long? Resident => Read("/proc/self/status", "RssAnon:");

    /// <summary>Why so many bytes are too many; null when they are not.</summary>
    public static string? Refusal(long bytes)
    {
        long available = Available;
        return bytes + Reserve <= available
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"needs {bytes / 1e9:f1} GB and 1 GB of reserve, {available / 1e9:f1} GB are available");
    }

    private static long? Read(string file, string name)
    {
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        return line is null
            ? null
            : 1024 * long.Parse(line.AsSpan(name.Length, line.Length - name.Length - 2), CultureInfo.InvariantCulture);
    }
}
