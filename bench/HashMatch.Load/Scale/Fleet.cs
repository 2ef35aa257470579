using HashMatch.Server.Admission;

namespace HashMatch.Load.Scale;

/// <summary>Uploads come to replicas at the moments of a Poisson process, whatever became of those before.</summary>
internal sealed class Fleet
{
    private readonly FleetOptions _options;
    private readonly Agenda _agenda = new();
    private readonly Draws _arrivals;
    private readonly Draws _sizes;
    private readonly Replica[] _replicas;
    private readonly Balancer _balancer;
    private readonly SpanFigures _all = new(new Span("all", 0, double.PositiveInfinity));
    private readonly SpanFigures[] _spans;
    private readonly UploadMix _mix;
    private long _arrived;
    private long _inHand;
    private double _area;
    private double _last;

    private Fleet(FleetOptions options)
    {
        _options = options;
        // Streams of their own: another way to balance meets the same uploads at the same moments.
        _arrivals = new Draws(options.Seed);
        _sizes = new Draws(options.Seed ^ 0x5151_5151_0000_0000);
        _mix = new UploadMix(options.Kinds, options.LookupMilliseconds, options.Spread);
        _replicas = [.. Enumerable.Range(0, options.Replicas)
            .Select(_ => new Replica(_agenda, options.Cores, options.Line, _mix.MeanSeconds))];
        _balancer = new Balancer(options.Balancing, _replicas, new Draws(options.Seed ^ 0xBABA_0000_0000_0000));
        _spans = [.. options.Spans.Select(span => new SpanFigures(span))];
    }

    /// <summary>Simulates.</summary>
    public static FleetFigures Run(FleetOptions options)
    {
        var fleet = new Fleet(options);
        fleet.Plan();
        fleet._agenda.Run();
        double seconds = fleet._last;
        return new FleetFigures(
            fleet._arrived,
            fleet._all,
            fleet._spans,
            fleet._replicas.Sum(replica => replica.BusySeconds) / (seconds * options.Replicas * options.Cores),
            fleet._area / seconds,
            seconds);
    }

    private void Plan()
    {
        if (_options.Outage is { } outage)
        {
            Replica first = _replicas[0];
            _agenda.At(outage.At, first.Fail);
            _agenda.At(outage.At + outage.NoticedAfter, () => first.IsListed = !first.IsDown);
            _agenda.At(outage.At + outage.ReadyAfter, first.Recover);
        }

        foreach (IndexBuild build in _options.Builds)
        {
            _agenda.At(build.At, () => _replicas[build.Replica].Take(1));
            _agenda.At(build.At + build.Seconds, () => _replicas[build.Replica].Take(-1));
        }

        Await();
    }

    private void Await()
    {
        double next = _agenda.Now + _arrivals.Exponential(1 / _options.UploadsPerSecond);
        if (next < _options.Seconds)
        {
            _agenda.At(next, Arrive);
        }
    }

    private void Arrive()
    {
        _arrived++;
        Count(1);
        (TimeSpan estimate, double seconds) = _mix.Draw(_sizes);
        var upload = new SimulatedUpload(new WorkOrder("", estimate), _agenda.Now, seconds, End);
        if (_balancer.Choose() is { } replica)
        {
            replica.Offer(upload);
        }
        else
        {
            upload.End(UploadEnd.Failed);
        }

        Await();
    }

    private void End(SimulatedUpload upload, UploadEnd end)
    {
        Count(-1);
        double waited = upload.Started - upload.Arrived;
        double stayed = _agenda.Now - upload.Arrived;
        _all.Add(end, waited, stayed);
        foreach (SpanFigures span in _spans)
        {
            if (span.Has(upload.Arrived))
            {
                span.Add(end, waited, stayed);
            }
        }
    }

    private void Count(int change)
    {
        _area += _inHand * (_agenda.Now - _last);
        _last = _agenda.Now;
        _inHand += change;
    }
}
