namespace HashMatch.Load.Scale;

/// <summary>Has everything computed and simulated.</summary>
internal sealed class ScaleRun(MeasuredCosts costs, ScaleOptions options)
{
    // A readiness probe of every two seconds that must fail twice, as README.md has it.
    private const double NoticedAfter = 4;
    private const double Entries = 10_000_000;

    private static readonly double[] Loads = [0.5, 0.7, 0.9];
    private static readonly int[] Spreads = [3, 30, 300];

    private readonly ScalePlan _plan = new(costs, options.Machine, options);
    private readonly UploadMix _mix = new(costs.Kinds, costs.LookupMilliseconds(Entries), 0);

    public ScaleResults Run(CancellationToken cancellation)
    {
        List<PlanRow> plan = [];
        foreach (int entries in options.Entries)
        {
            foreach (int uploads in options.Uploads)
            {
                cancellation.ThrowIfCancellationRequested();
                plan.Add(_plan.Of(uploads, entries));
            }
        }

        return new ScaleResults
        {
            Settings = options,
            Costs = costs,
            RealRuns = [.. RealRun.All.Select(Repeated)],
            ByEntries = [.. options.Entries.Select(entries => _plan.Of(entries))],
            Plan = plan,
            Balancing = [.. Balanced()],
            Outages = [.. Outages()],
            Builds = [.. Builds()],
            FanOut = [.. FannedOut()],
            Shards = [.. Sharded()],
        };
    }

    private static double Percent(long part, long whole) => 100.0 * part / Math.Max(1, whole);

    private FleetOptions Fleet(int replicas, int cores, double load) => new()
    {
        Replicas = replicas,
        Cores = cores,
        UploadsPerSecond = load * replicas * cores / _mix.MeanSeconds,
        Kinds = costs.Kinds,
        LookupMilliseconds = costs.LookupMilliseconds(Entries),
        Spread = costs.Spread,
        Seconds = options.Seconds,
        Seed = options.Seed,
    };

    private RealRunRow Repeated(RealRun run)
    {
        double seconds = Math.Max(options.Seconds, 20_000 / run.OfferedPerSecond);
        SpanFigures all = Scale.Fleet.Run(new FleetOptions
        {
            Cores = run.Cores,
            UploadsPerSecond = run.OfferedPerSecond,
            Kinds = [new UploadKind(run.Name, 1, 1, run.Milliseconds)],
            Spread = costs.Spread,
            Seconds = seconds,
            Seed = options.Seed,
        }).All;
        return new RealRunRow(run, all.Answered / seconds, all.P50, all.P99);
    }

    private IEnumerable<BalancingRow> Balanced()
    {
        foreach (int cores in new[] { 2, options.Machine.Cores })
        {
            foreach (double load in Loads)
            {
                foreach (Balancing balancing in Enum.GetValues<Balancing>())
                {
                    SpanFigures all = Scale.Fleet.Run(Fleet(8, cores, load) with { Balancing = balancing }).All;
                    yield return new BalancingRow(
                        balancing, 8, cores, load, all.P50, all.P99, all.P999, Percent(all.Shed, all.Offered));
                }
            }
        }
    }

    private IEnumerable<OutageRow> Outages()
    {
        const double At = 2;
        double ready = _plan.ColdStart(Entries);
        double back = At + Math.Max(NoticedAfter, ready);
        foreach (int replicas in new[] { 2, 3, 10 })
        {
            foreach (double load in new[] { 0.5, 0.7 })
            {
                FleetFigures figures = Scale.Fleet.Run(Fleet(replicas, 8, load) with
                {
                    Balancing = Balancing.RoundRobin,
                    Seconds = back + 3,
                    Outage = new Outage(At, NoticedAfter, back - At),
                    Spans =
                    [
                        new Span("before", 0, At), new Span("not noticed", At, At + NoticedAfter),
                        new Span("without it", At + NoticedAfter, back), new Span("after", back + 1, back + 3),
                    ],
                });
                foreach (SpanFigures span in figures.Spans)
                {
                    yield return new OutageRow(
                        replicas, load, span.Name, span.Offered, Percent(span.Failed, span.Offered),
                        Percent(span.Shed, span.Offered), span.P50, span.P99);
                }
            }
        }
    }

    private IEnumerable<BuildRow> Builds()
    {
        foreach (int cores in new[] { 2, 4, options.Machine.Cores })
        {
            foreach (double load in new[] { 0.5, 0.7 })
            {
                FleetOptions fleet = Fleet(1, cores, load);
                SpanFigures quiet = Scale.Fleet.Run(fleet).All;
                SpanFigures building =
                    Scale.Fleet.Run(fleet with { Builds = [new IndexBuild(0, 0, options.Seconds)] }).All;
                yield return Row("no build", quiet);
                yield return Row("building", building);

                BuildRow Row(string when, SpanFigures figures) => new(
                    cores, load, when, Percent(figures.Shed, figures.Offered), figures.P50, figures.P99);
            }
        }
    }

    private IEnumerable<FanOutRow> FannedOut()
    {
        foreach (int entries in options.Entries)
        {
            foreach (int replicas in Spreads)
            {
                double bytes = entries * costs.LoadedBytes;
                yield return new FanOutRow("a whole version", entries, replicas, bytes, _plan.Spread(
                    replicas, bytes, _plan.FetchBytesPerSecond(), costs.BuildSeconds(entries)));
                double edit = _plan.EditBytes(entries);
                yield return new FanOutRow("an edit", entries, replicas, edit, _plan.Spread(
                    replicas, edit, double.PositiveInfinity, 0));
            }
        }
    }

    // Each group has four replicas of two cores, at the planned load. That one look-up in a thousand waits 10 ms for a
    // collector or a neighbour is a supposition.
    private IEnumerable<ShardsRow> Sharded()
    {
        double entries = options.Entries.Max();
        foreach (int groups in new[] { 1, 2, 4, 8, 16 })
        {
            double each = costs.LookupMilliseconds(entries / groups) + costs.CallMilliseconds;
            foreach (Balancing balancing in new[] { Balancing.Random, Balancing.TwoChoices })
            {
                ShardsFigures figures = Shards.Run(new ShardsOptions
                {
                    Groups = groups,
                    Replicas = 4,
                    Cores = 2,
                    UploadsPerSecond = options.Load * 8 * 1000 / each,
                    LookupMilliseconds = each,
                    Spread = costs.Spread,
                    SlowShare = 0.001,
                    SlowMilliseconds = 10,
                    Balancing = balancing,
                    Seconds = Math.Max(options.Seconds, 200_000 / (options.Load * 8 * 1000 / each)),
                    Seed = options.Seed,
                });
                yield return new ShardsRow(groups, entries, each * groups, balancing, figures);
            }
        }
    }
}
