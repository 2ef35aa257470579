using System.Globalization;
using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Comparing;

/// <summary>Instructions of an operation, counted by valgrind, whatever else the machine does.</summary>
internal static class InstructionComparison
{
    private const string Trigger = "desc: Trigger: Client Request: ";
    private const string Totals = "totals: ";

    /// <summary>Why they cannot be counted here; null when they can.</summary>
    public static string? WhyNot =>
        !OperatingSystem.IsLinux() || !System.Runtime.Intrinsics.X86.X86Base.X64.IsSupported
            ? "instructions are counted on Linux on x64 alone"
            : Find("valgrind") is null ? "valgrind is not installed" : null;

    /// <summary>Counts; by case.</summary>
    /// <param name="side">What is measured.</param>
    /// <param name="cases">Of those, the countable ones.</param>
    /// <param name="folder">Empty or not there.</param>
    public static async Task<IReadOnlyDictionary<string, double>> CountAsync(
        Side side, IEnumerable<string> cases, string folder)
    {
        Directory.CreateDirectory(folder);
        // The runtime patches its code through another mapping of the same memory, which valgrind takes for a file's,
        // unlooked at by default: it would go on with code that is not there any more.
        using (Contestant contestant = await Contestant.StartAsync(
            side, Side.Counted, "valgrind", "--smc-check=all", "--tool=callgrind", "--instr-atstart=no", "--quiet",
            $"--callgrind-out-file={Path.Combine(folder, "counted")}"))
        {
            await contestant.CountAsync(cases.Where(GateCases.Countable.Contains));
        }

        Dictionary<string, double> counts = [];
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string[] lines = await File.ReadAllLinesAsync(file);
            string? trigger = lines.FirstOrDefault(line => line.StartsWith(Trigger, StringComparison.Ordinal));
            string? totals = lines.FirstOrDefault(line => line.StartsWith(Totals, StringComparison.Ordinal));
            if (trigger is not null && totals is not null)
            {
                string[] name = trigger[Trigger.Length..].Trim().Split(' ');
                counts[name[0]] = double.Parse(totals[Totals.Length..], CultureInfo.InvariantCulture)
                    / int.Parse(name[1], CultureInfo.InvariantCulture);
            }
        }

        return counts;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
