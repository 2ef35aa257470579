using System.Globalization;

namespace HashMatch.FaultTests.Serving;

/// <summary>What a process holds, as Linux tells it.</summary>
/// <param name="ResidentBytes">Memory that is in RAM.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Handles">Open files, sockets and pipes.</param>
/// <param name="Children">Process ids of its children that live.</param>
/// <param name="Zombies">Children that ended and were not reaped.</param>
internal sealed record ProcessFigures(
    long ResidentBytes, int Threads, int Handles, IReadOnlyList<int> Children, int Zombies)
{
    /// <summary>Resident memory in MiB.</summary>
    public long ResidentMb => ResidentBytes / (1024 * 1024);

    /// <summary>Reads them now.</summary>
    public static ProcessFigures Read(int process)
    {
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        (int Id, char State)[] children = [.. ChildrenOf(process)];
        return new ProcessFigures(
            Number(status, "VmRSS:") * 1024,
            (int)Number(status, "Threads:"),
            Directory.GetFileSystemEntries($"/proc/{process}/fd").Length,
            [.. children.Where(child => child.State != 'Z').Select(child => child.Id)],
            children.Count(child => child.State == 'Z'));
    }

    /// <summary>Open descriptors by what they are, the most first.</summary>
    public static IReadOnlyList<(string Kind, int Count)> HandleKinds(int process) =>
    [
        .. Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(Kind).GroupBy(kind => kind)
            .Select(kind => (kind.Key, kind.Count())).OrderByDescending(kind => kind.Item2),
    ];

    private static string Kind(string descriptor)
    {
        try
        {
            string target = File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name ?? "";
            return target.Split(':', '(', ' ')[0];
        }
        catch (IOException)
        {
            return "closed";
        }
    }

    private static IEnumerable<(int Id, char State)> ChildrenOf(int parent)
    {
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id)
                && Stat(folder) is { } stat && stat.Parent == parent)
            {
                yield return (id, stat.State);
            }
        }
    }

    private static (char State, int Parent)? Stat(string folder)
    {
        try
        {
            string text = File.ReadAllText($"{folder}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A process that has just ended has no memory to name.
    private static long Number(string[] status, string name) => long.Parse(
        (Array.Find(status, line => line.StartsWith(name, StringComparison.Ordinal)) ?? name + "0")[name.Length..]
            .Replace("kB", "", StringComparison.Ordinal).Trim(),
        CultureInfo.InvariantCulture);
}
