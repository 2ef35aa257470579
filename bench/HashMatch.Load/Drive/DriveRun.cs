using System.Diagnostics;
using System.Globalization;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Drive;

/// <summary>Measures cases against one service, or two in turn.</summary>
internal sealed class DriveRun
{
    private const int CheckedUnlisted = 16;

    private readonly DriveOptions _options;
    private readonly IReadOnlyList<(string Name, ITarget Target)> _targets;
    private readonly DriveProgress _progress;
    private readonly Process _itself = Process.GetCurrentProcess();
    private readonly List<(PhaseFigures Figures, Latencies Latencies)> _phases = [];
    private readonly List<LoadFigures> _figures = [];
    private readonly List<Comparison> _comparisons = [];
    private long _number;
    private long _bad;

    /// <param name="options">Times and loads.</param>
    /// <param name="targets">One, or two.</param>
    /// <param name="progress">Shows how far it is.</param>
    public DriveRun(DriveOptions options, IReadOnlyList<ITarget> targets, DriveProgress progress)
    {
        _options = options;
        _targets = [.. targets.Select((target, place) => (place == 0 ? "A" : "B", target))];
        _progress = progress;
    }

    /// <summary>Measures one case.</summary>
    public async Task MeasureAsync(LoadCase load, LoadPlan plan, CancellationToken cancellation)
    {
        var calls = _targets.Select(target => Prepare(target.Target, plan)).ToArray();
        await CheckAsync(load, plan, calls, cancellation);
        for (int i = 0; i < calls.Length; i++)
        {
            await ClosedAsync(load, plan, i, calls[i], 0, cancellation);
        }

        for (int round = 1; round <= _options.Rounds; round++)
        {
            for (int i = 0; i < calls.Length; i++)
            {
                await ClosedAsync(load, plan, i, calls[i], round, cancellation);
            }
        }

        Summarise(load, plan, null);
        // At the same rate for both, which both can take.
        double capacity = _figures.Where(each => each.Case == load.Name).Min(each => each.PerSecond)
            / load.ItemsOfCall;
        if (capacity <= 0)
        {
            return;
        }

        foreach (double share in _options.Loads)
        {
            for (int round = 1; round <= _options.Rounds; round++)
            {
                for (int i = 0; i < calls.Length; i++)
                {
                    await OpenAsync(load, plan, i, calls[i], share, capacity * share, round, cancellation);
                }
            }

            Summarise(load, plan, share);
        }
    }

    /// <summary>What all cases came to.</summary>
    public DriveResults Results(DateTimeOffset startedAt, double? loadBefore, string build) => new()
    {
        StartedAt = startedAt,
        Build = build,
        Machine = Machine.Here(),
        LoadBefore = loadBefore,
        LoadAfter = Machine.Load(),
        Settings = _options,
        Builds = _targets.Where(each => each.Target.Build is not null)
            .ToDictionary(each => each.Name, each => each.Target.Build!),
        Figures = _figures,
        Phases = [.. _phases.Select(phase => phase.Figures)],
        Comparisons = _comparisons,
        Goals = _options.HasGoals ? [.. GoalFigure.Of(_figures)] : [],
        Problems = _targets.Where(each => each.Target.Problem is not null)
            .ToDictionary(each => each.Name, each => each.Target.Problem!),
        Bad = _bad,
    };

    private static Dictionary<LoadItem, Func<CancellationToken, Task<CallResult>>> Prepare(
        ITarget target, LoadPlan plan) => plan.All.ToDictionary(item => item, target.Prepare);

    // What must match does, and what must not does not, before anything is measured: hits are too rare to be left to
    // the loops alone.
    private async Task CheckAsync(
        LoadCase load, LoadPlan plan, Dictionary<LoadItem, Func<CancellationToken, Task<CallResult>>>[] calls,
        CancellationToken cancellation)
    {
        LoadItem[] items = [.. plan.Listed, .. plan.All.Except(plan.Listed).Take(CheckedUnlisted)];
        for (int i = 0; i < calls.Length; i++)
        {
            int right = 0;
            foreach (LoadItem item in items)
            {
                right += await calls[i][item](cancellation) == CallResult.Answered ? 1 : 0;
            }

            _bad += items.Length - right;
            _progress.Say($"{load.Name}, {_targets[i].Name}: {right} of {items.Length} checked calls were right");
        }
    }

    // Round 0 is the warm-up.
    private async Task ClosedAsync(
        LoadCase load, LoadPlan plan, int target, Dictionary<LoadItem, Func<CancellationToken, Task<CallResult>>> calls,
        int round, CancellationToken cancellation)
    {
        TimeSpan time = round == 0 ? _options.WarmUp : _options.Measured;
        if (time == TimeSpan.Zero)
        {
            return;
        }

        var record = new PhaseRecord();
        (ProcessTime Client, ProcessTime? Server) before = Used(target);
        string name = round == 0 ? "warm-up" : $"closed loop {round} of {_options.Rounds}";
        await _progress.ShowAsync(
            $"{load.Name}, {_targets[target].Name}, {name}",
            record,
            Loops.ClosedAsync(() => Next(plan, calls, cancellation), _options.InFlight, time, cancellation, record));
        cancellation.ThrowIfCancellationRequested();
        Keep(load, target, round, record, before, null, null);
    }

    private async Task OpenAsync(
        LoadCase load, LoadPlan plan, int target, Dictionary<LoadItem, Func<CancellationToken, Task<CallResult>>> calls,
        double share, double rate, int round, CancellationToken cancellation)
    {
        var record = new PhaseRecord();
        (ProcessTime Client, ProcessTime? Server) before = Used(target);
        // The same moments for both.
        int seed = (_options.Seed * 1000) + round;
        await _progress.ShowAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{load.Name}, {_targets[target].Name}, {rate:0.#} calls/s offered, {round} of {_options.Rounds}"),
            record,
            Loops.OpenAsync(
                () => Next(plan, calls, cancellation), rate, _options.Measured, seed, cancellation, record));
        cancellation.ThrowIfCancellationRequested();
        Keep(load, target, round, record, before, share, rate);
    }

    private Task<CallResult> Next(
        LoadPlan plan, Dictionary<LoadItem, Func<CancellationToken, Task<CallResult>>> calls,
        CancellationToken cancellation) => calls[plan.At(Interlocked.Increment(ref _number))](cancellation);

    private (ProcessTime Client, ProcessTime? Server) Used(int target) => (
        ProcessTime.Of(_itself),
        _targets[target].Target.Process is { HasExited: false } process ? ProcessTime.Of(process) : null);

    private void Keep(
        LoadCase load, int target, int round, PhaseRecord record, (ProcessTime Client, ProcessTime? Server) before,
        double? share, double? rate)
    {
        _bad += record.Wrong + record.Failed;
        if (round == 0)
        {
            return;
        }

        (ProcessTime client, ProcessTime? server) = Used(target);
        PhaseFigures figures = PhaseFigures.Of(load.Name, _targets[target].Name, round, record, load.ItemsOfCall) with
        {
            Load = share,
            OfferedPerSecond = rate,
            ClientProcessors = (client - before.Client).Total / record.Elapsed,
            ServerProcessors = server is null ? null : (server - before.Server).Total / record.Elapsed,
            ServerPeakMib = server?.PeakBytes / 1048576.0,
        };
        _phases.Add((figures, record.Latencies));
    }

    private void Summarise(LoadCase load, LoadPlan plan, double? share)
    {
        foreach ((string name, _) in _targets)
        {
            (PhaseFigures Figures, Latencies Latencies)[] rounds = Rounds(load, name, share);
            var latencies = new Latencies();
            Array.ForEach(rounds, round => latencies.Add(round.Latencies));
            double[] rates = [.. rounds.Select(round => round.Figures.PerSecond).Order()];
            _figures.Add(new LoadFigures
            {
                Case = load.Name,
                Unit = load.Unit,
                Pixels = load.Pixels,
                KibOfUpload = plan.PictureBytes / 1024,
                Target = name,
                Load = share,
                OfferedPerSecond = rounds[0].Figures.OfferedPerSecond,
                PerSecond = (rates[rates.Length / 2] + rates[(rates.Length - 1) / 2]) / 2,
                LeastPerSecond = rates[0],
                MostPerSecond = rates[^1],
                PerSecondByCpu = share is null ? ByCpu(rounds) : null,
                Latency = LatencyFigures.Of(latencies),
            });
        }

        if (_targets.Count == 2)
        {
            Compare(load, share);
        }
    }

    private static double? ByCpu((PhaseFigures Figures, Latencies Latencies)[] rounds)
    {
        double? used = rounds.Sum(round =>
            (round.Figures.ClientProcessors + round.Figures.ServerProcessors) * round.Figures.Seconds);
        bool isKnown = rounds.All(round => round.Figures.ServerProcessors is not null);
        return isKnown && used > 0
            ? rounds.Sum(round => round.Figures.PerSecond * round.Figures.Seconds) / used * Environment.ProcessorCount
            : null;
    }

    private void Compare(LoadCase load, double? share)
    {
        (PhaseFigures Figures, Latencies Latencies)[] a = Rounds(load, "A", share);
        (PhaseFigures Figures, Latencies Latencies)[] b = Rounds(load, "B", share);
        if (share is null)
        {
            Add($"{load.Unit}/s", phase => phase.PerSecond);
        }
        else
        {
            Add(FormattableString.Invariant($"p50 at {share:0.##} load"), phase => phase.Latency.P50);
            Add(FormattableString.Invariant($"p99 at {share:0.##} load"), phase => phase.Latency.P99);
        }

        void Add(string what, Func<PhaseFigures, double> figure)
        {
            double[] ofA = [.. a.Select(phase => figure(phase.Figures))];
            double[] ofB = [.. b.Select(phase => figure(phase.Figures))];
            if (RatioInterval.Of(ofA, ofB) is { } ratio)
            {
                _comparisons.Add(new Comparison(load.Name, what, ratio));
            }
        }
    }

    private (PhaseFigures Figures, Latencies Latencies)[] Rounds(LoadCase load, string target, double? share) =>
    [
        .. _phases.Where(phase =>
            phase.Figures.Case == load.Name && phase.Figures.Target == target && phase.Figures.Load == share),
    ];
}
