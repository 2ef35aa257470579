using System.Diagnostics;
using HashMatch.Gate.Measuring;

namespace HashMatch.Gate.Comparing;

/// <summary>
/// Base and change in turn, A B B A, in slices of some milliseconds, all cases round and round; each round is a new
/// pair of processes. Cases that are decided are left out of the rounds after.
/// </summary>
internal sealed class TimeComparison
{
    /// <summary>
    /// Probability of an alarm by one metric, at most, where it is at its limit; an unchanged one is a tenth away.
    /// Those by the wall clock and of the slowest operations scatter many times as much, and there are more of them.
    /// </summary>
    private const double FalseAlarm = 0.01;
    private const double FalseAlarmOfScattered = 0.001;

    // The last tier is compiled by a thread of its own, which must not run in a slice.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(250);

    private const int FewestOperations = 8;
    private const int MostOperations = 2000;

    private readonly Side _base;
    private readonly Side _change;
    private readonly GateProfile _profile;
    private readonly Action<string> _progress;

    private readonly Dictionary<string, int> _operations = [];

    /// <param name="baseSide">A.</param>
    /// <param name="change">B.</param>
    /// <param name="cases">What both know.</param>
    /// <param name="profile">How much is measured.</param>
    /// <param name="progress">Is told of each round.</param>
    public TimeComparison(
        Side baseSide, Side change, IReadOnlyList<string> cases, GateProfile profile, Action<string> progress)
    {
        (_base, _change, _profile, _progress) = (baseSide, change, profile, progress);
        Metrics =
        [
            .. cases.SelectMany(name => Enum.GetValues<MetricKind>()
                .Where(kind => kind != MetricKind.Clock || IsServed(name))
                .Select(kind => new Metric(
                    name, kind, profile.Plan, kind == MetricKind.Time ? FalseAlarm : FalseAlarmOfScattered))),
        ];
    }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    private string[] Undecided => [.. Metrics.Where(IsOpen).Select(metric => metric.Case).Distinct()];

    /// <summary>Measures until all is decided, or rounds or time are over.</summary>
    public async Task RunAsync()
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan longest = TimeSpan.Zero;
        for (int round = 1; round <= _profile.Plan.Last && Undecided is { Length: > 0 } cases; round++)
        {
            TimeSpan before = Stopwatch.GetElapsedTime(start);
            if (before + longest > _profile.Budget)
            {
                _progress("time is over");
                break;
            }

            await RoundAsync(cases, isReversed: round % 2 == 0);
            TimeSpan took = Stopwatch.GetElapsedTime(start) - before;
            longest = took > longest ? took : longest;
            _progress($"round {round}: {cases.Length} cases, {took.TotalSeconds:F0} s");
        }
    }

    // A scattered metric is waited for only while it looks worse and nothing else is: it would take all the time.
    private bool IsOpen(Metric metric) => metric.Test.Finding == Finding.Undecided
        && (metric.Kind == MetricKind.Time || metric.Test.Rounds < _profile.Plan.First
            || (metric.Test.Interval?.Ratio > metric.Test.Limit
                && Metrics.All(each => each.Test.Finding != Finding.Worse)));

    private static bool IsServed(string name) => name.StartsWith("serve-", StringComparison.Ordinal);

    private async Task RoundAsync(string[] cases, bool isReversed)
    {
        using Contestant theirs = await Contestant.StartAsync(_base, Side.Timed);
        using Contestant ours = await Contestant.StartAsync(_change, Side.Timed);
        foreach (string name in cases)
        {
            long[] took = await Task.WhenAll(theirs.OpenAsync(name), ours.OpenAsync(name));
            _operations.TryAdd(name, Operations(took.Min()));
        }

        await Task.Delay(SettleTime);
        Dictionary<string, List<(Slice Base, Slice Change)>> pairs = cases.ToDictionary(
            name => name, _ => new List<(Slice, Slice)>());
        for (int pair = 0; pair < _profile.Pairs; pair++)
        {
            foreach (string name in cases)
            {
                pairs[name].Add(await PairAsync(theirs, ours, name, pair % 2 == 0 != isReversed));
            }
        }

        foreach (Metric metric in Metrics.Where(metric => pairs.ContainsKey(metric.Case)))
        {
            // The first pair of a case finds its data out of the caches.
            metric.Add(pairs[metric.Case][1..]);
        }
    }

    private async Task<(Slice Base, Slice Change)> PairAsync(
        Contestant theirs, Contestant ours, string name, bool baseFirst)
    {
        int operations = _operations[name];
        if (baseFirst)
        {
            Slice first = await theirs.RunAsync(name, operations);
            return (first, await ours.RunAsync(name, operations));
        }
        else
        {
            Slice first = await ours.RunAsync(name, operations);
            return (await theirs.RunAsync(name, operations), first);
        }
    }

    private int Operations(long nanoseconds) => (int)Math.Clamp(
        _profile.SliceTime.TotalNanoseconds / Math.Max(nanoseconds, 1), FewestOperations, MostOperations);
}
