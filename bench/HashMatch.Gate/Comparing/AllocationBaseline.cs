using System.Text.Json;

namespace HashMatch.Gate.Comparing;

/// <summary>The file of bytes that an operation may allocate.</summary>
internal sealed class AllocationBaseline(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>By case; empty when there is no file.</summary>
    public IReadOnlyDictionary<string, double> Read() => File.Exists(path)
        ? JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(path)) ?? []
        : [];

    /// <summary>Writes it anew.</summary>
    public void Write(IReadOnlyDictionary<string, double> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string text = JsonSerializer.Serialize(new SortedDictionary<string, double>(
            bytes.ToDictionary(), StringComparer.Ordinal), Indented);
        File.WriteAllText(path, text + "\n");
    }

    /// <summary>Measures a build.</summary>
    public static async Task<IReadOnlyDictionary<string, double>> MeasureAsync(Side side, IEnumerable<string> cases)
    {
        Dictionary<string, double> bytes = [];
        using Contestant contestant = await Contestant.StartAsync(side, Side.Counted);
        foreach (string name in cases)
        {
            bytes[name] = await contestant.AllocatedAsync(name);
        }

        return bytes;
    }
}
