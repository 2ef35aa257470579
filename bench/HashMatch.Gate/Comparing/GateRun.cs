using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Comparing;

/// <summary>All checks of one change.</summary>
internal sealed class GateRun(GateOptions options) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hashmatch-gate");
    private readonly GateReport _report = new();

    /// <summary>0: passed; 1: failed.</summary>
    /// <exception cref="GateException">Something could not be measured.</exception>
    public async Task<int> RunAsync()
    {
        string pictures = _folder.CreateSubdirectory("pictures").FullName;
        GateCases.Draw(pictures);
        var change = new Side(
            typeof(GateRun).Assembly.Location, pictures, _folder.CreateSubdirectory("change").FullName);
        if (!options.Without.Contains("allocations") || options.UpdatesBaseline)
        {
            Say("allocations");
            IReadOnlyDictionary<string, double> bytes = await AllocationBaseline.MeasureAsync(change, options.Cases);
            var baseline = new AllocationBaseline(options.Baseline);
            if (options.UpdatesBaseline)
            {
                baseline.Write(baseline.Read().Concat(bytes).DistinctBy(each => each.Key).ToDictionary(
                    each => each.Key, each => bytes.GetValueOrDefault(each.Key, each.Value)));
            }

            _report.AddAllocations(baseline.Read(), bytes);
        }

        if (options.Base is { } program)
        {
            await CompareAsync(
                new Side(program, pictures, _folder.CreateSubdirectory("base").FullName), change);
        }
        else
        {
            _report.Note("no base to compare with: allocations alone were checked");
        }

        _report.Write(Console.Out);
        if (options.Json is { } json)
        {
            _report.WriteJson(json);
        }

        return _report.Passed ? 0 : 1;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Say(string what) => Console.Error.WriteLine($"gate: {what}");

    private async Task CompareAsync(Side theirs, Side ours)
    {
        string[] cases;
        using (Contestant contestant = await Contestant.StartAsync(theirs, Side.Timed))
        {
            cases = [.. options.Cases.Intersect(contestant.Cases)];
        }

        if (!options.Without.Contains("times"))
        {
            Say($"times of {string.Join(", ", cases)}");
            var times = new TimeComparison(theirs, ours, cases, options.Profile, Say);
            await times.RunAsync();
            _report.AddTimes(times.Metrics);
        }

        if (options.Without.Contains("instructions"))
        {
            return;
        }

        if (InstructionComparison.WhyNot is { } reason)
        {
            _report.Note($"instructions: skipped, {reason}");
            return;
        }

        Say("instructions");
        IReadOnlyDictionary<string, double>[] counts = await Task.WhenAll(
            InstructionComparison.CountAsync(theirs, cases, Path.Combine(theirs.Lists, "counts")),
            InstructionComparison.CountAsync(ours, cases, Path.Combine(ours.Lists, "counts")));
        _report.AddInstructions(counts[0], counts[1]);
    }
}
