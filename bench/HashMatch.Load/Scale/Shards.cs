using HashMatch.Cli.Driving;
using HashMatch.Server.Admission;

namespace HashMatch.Load.Scale;

/// <summary>Every upload's hash goes to all groups at once; the verdict is there when the last of them has answered.
/// </summary>
internal sealed class Shards
{
    private readonly ShardsOptions _options;
    private readonly Agenda _agenda = new();
    private readonly Draws _arrivals;
    private readonly Draws _times;
    private readonly Balancer[] _groups;
    private readonly Latencies _all = new();
    private readonly Latencies _one = new();
    private double _stayed;
    private long _uploads;

    private Shards(ShardsOptions options)
    {
        _options = options;
        _arrivals = new Draws(options.Seed);
        _times = new Draws(options.Seed ^ 0x5151_5151_0000_0000);
        _groups = [.. Enumerable.Range(0, options.Groups).Select(group => new Balancer(
            options.Balancing,
            [.. Enumerable.Range(0, options.Replicas)
                .Select(_ => new Replica(_agenda, options.Cores, null, options.LookupMilliseconds / 1000))],
            new Draws(options.Seed ^ ((ulong)(group + 1) << 40))))];
    }

    /// <summary>Simulates.</summary>
    public static ShardsFigures Run(ShardsOptions options)
    {
        var shards = new Shards(options);
        shards.Await();
        shards._agenda.Run();
        return new ShardsFigures(
            shards._uploads,
            shards._stayed / shards._uploads * 1000,
            shards._all.At(50).TotalMilliseconds,
            shards._all.At(99).TotalMilliseconds,
            shards._one.At(50).TotalMilliseconds,
            shards._one.At(99).TotalMilliseconds);
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
        int left = _groups.Length;
        double arrived = _agenda.Now;
        double mean = _options.LookupMilliseconds / 1000;
        foreach (Balancer group in _groups)
        {
            double seconds = _times.Gamma(mean, _options.Spread)
                + (_times.Share() < _options.SlowShare ? _options.SlowMilliseconds / 1000 : 0);
            var order = new WorkOrder("", TimeSpan.FromSeconds(mean));
            group.Choose()!.Offer(new SimulatedUpload(order, arrived, seconds, (_, _) =>
            {
                TimeSpan stayed = TimeSpan.FromSeconds(_agenda.Now - arrived);
                _one.Record(stayed);
                if (--left == 0)
                {
                    _all.Record(stayed);
                    _stayed += stayed.TotalSeconds;
                    _uploads++;
                }
            }));
        }

        Await();
    }
}
