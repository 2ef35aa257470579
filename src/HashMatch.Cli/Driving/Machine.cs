using System.Runtime.InteropServices;

namespace HashMatch.Cli.Driving;

/// <summary>Where it was measured.</summary>
/// <param name="Processors">That this process may use.</param>
/// <param name="Processor">Its model.</param>
/// <param name="MemoryBytes">That this process may use.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">.NET's version.</param>
internal sealed record Machine(int Processors, string Processor, long MemoryBytes, string System, string Runtime)
{
    private const string ModelName = "model name";

    /// <summary>This one.</summary>
    public static Machine Here() => new(
        Environment.ProcessorCount,
        Model(),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    /// <summary>Processes that ran or waited for a processor, on average over the last minute; null where nothing says
    /// so.</summary>
    public static double? Load() => File.Exists("/proc/loadavg")
        ? double.Parse(
            File.ReadAllText("/proc/loadavg").Split(' ')[0],
            global::System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private static string Model()
    {
        string? line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(each => each.StartsWith(ModelName, StringComparison.Ordinal))
            : null;
        return line is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
