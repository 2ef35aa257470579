using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Load.Scale;

/// <summary>Computes what a load needs. Sizes of tables, segments and manifests are the product's own.</summary>
internal sealed class ScalePlan(MeasuredCosts costs, ReplicaMachine machine, ScaleOptions options)
{
    private const double GiB = 1L << 30;

    // `README.md`: an activation is matched everywhere within two seconds.
    private const double EditSeconds = 2;
    private const double BytesOfGbit = 1e9 / 8;

    private static readonly double SegmentRefBytes = RefBytes();

    private readonly UploadMix _mix = new(costs.Kinds, 0, 0);

    /// <summary>One replica with all entries.</summary>
    public EntriesFigures Of(double entries) => new()
    {
        Entries = entries,
        LookupMicroseconds = costs.LookupMilliseconds(entries) * 1000,
        GiB = Serving(entries) / GiB,
        ReloadGiB = Reloading(entries) / GiB,
        ColdStartSeconds = ColdStart(entries),
        RedisGiB = entries * costs.StoredBytes / GiB,
        ManifestKiB = Manifest(entries) / 1024,
        Lists = Lists(entries),
        Groups = Groups(entries),
    };

    /// <summary>A load against entries, in as many groups as the memory asks for.</summary>
    public PlanRow Of(double uploads, double entries)
    {
        int groups = Groups(entries);
        double part = entries / groups;
        double lookups = groups * (costs.LookupMilliseconds(part) + (groups > 1 ? costs.CallMilliseconds : 0));
        double milliseconds = (_mix.MeanSeconds * 1000) + lookups;
        double cores = uploads * milliseconds / 1000 / options.Load;
        double gbits = uploads * _mix.MeanKiB * 1024 * 8 / 1e9;
        double byCores = cores / machine.Cores;
        double byLink = gbits / machine.Gbits / options.Load;
        int each = (int)Math.Ceiling(Math.Max(byCores, byLink) / groups) + 1;
        int replicas = each * groups;
        return new PlanRow
        {
            UploadsPerSecond = uploads,
            Entries = entries,
            Milliseconds = milliseconds,
            Cores = cores,
            Replicas = replicas,
            Groups = groups,
            GiB = replicas * Reloading(part) / GiB,
            Gbits = gbits,
            P99 = P99(uploads / replicas, lookups),
            Reload = Spread(each, part * costs.LoadedBytes, FetchBytesPerSecond(), costs.BuildSeconds(part)),
            Edit = Spread(each, EditBytes(part), machine.Gbits * BytesOfGbit, 0),
            Broken = Broken(uploads, entries, byCores, byLink),
        };
    }

    /// <summary>How a change of so many bytes spreads to replicas.</summary>
    public FanOutFigures Spread(int replicas, double bytes, double bytesPerSecond, double buildSeconds) =>
        FanOut.Run(new FanOutOptions
        {
            Replicas = replicas,
            Bytes = bytes,
            StoreBytesPerSecond = options.StoreGbits * BytesOfGbit,
            BytesPerSecond = Math.Min(bytesPerSecond, machine.Gbits * BytesOfGbit),
            StartWithin = 0.01,
            BuildSeconds = buildSeconds,
            Seed = options.Seed,
        });

    /// <summary>Bytes that one replica reads at an edit of one of the lists.</summary>
    public double EditBytes(double entries) => Manifest(entries / Lists(entries)) + (costs.EditKiB * 1024);

    /// <summary>Bytes a second at which one replica fetches and decodes.</summary>
    public double FetchBytesPerSecond() => costs.LoadedBytes / costs.FetchMicroseconds * 1e6;

    /// <summary>Seconds from a process's start to ready.</summary>
    public double ColdStart(double entries) =>
        costs.StartSeconds + (entries * costs.FetchMicroseconds / 1e6) + costs.BuildSeconds(entries);

    private static double RefBytes()
    {
        const int Count = 1000;
        var each = new SegmentRef(
            new string('a', 32), 38_000, ListSegmentBuilder.MaxBytes, new string('b', 32),
            new EntryKey(HashType.Pdq, default).ToString(), new string('c', 64));
        return ListDocument.Encode(new VersionManifest
        {
            Base = [.. Enumerable.Repeat(each, Count)],
            Deltas = [],
            Entries = new EntryCounts(),
        }).Length / (double)Count;
    }

    private double Serving(double entries) => (costs.RestMiB * 1024 * 1024)
        + HammingTable.Estimate((long)entries).Held + (entries * costs.LoadedBytes);

    // The old index and its segments stay until the new one is there.
    private double Reloading(double entries) => Serving(entries)
        + HammingTable.Estimate((long)entries).Building + (entries * costs.LoadedBytes);

    private double Manifest(double entries) =>
        Math.Ceiling(entries * costs.LoadedBytes / ListSegmentBuilder.MaxBytes) * SegmentRefBytes;

    private int Lists(double entries) => (int)Math.Ceiling(Manifest(entries) / StoreArguments.MaxBlobBytes);

    private int Groups(double entries)
    {
        int groups = 1;
        while (Reloading(entries / groups) > machine.GiB * GiB)
        {
            groups++;
        }

        return groups;
    }

    private double P99(double uploadsPerSecond, double lookups) => Fleet.Run(new FleetOptions
    {
        Cores = machine.Cores,
        UploadsPerSecond = uploadsPerSecond,
        Kinds = costs.Kinds,
        LookupMilliseconds = lookups,
        Spread = costs.Spread,
        Seconds = options.Seconds,
        Seed = options.Seed,
    }).All.P99;

    private List<string> Broken(double uploads, double entries, double byCores, double byLink)
    {
        double alone = _mix.MeanSeconds + (costs.LookupMilliseconds(entries) / 1000);
        int replicas = (int)Math.Ceiling(Math.Max(uploads * alone / options.Load / machine.Cores, byLink)) + 1;
        FanOutFigures edit = Spread(replicas, EditBytes(entries), machine.Gbits * BytesOfGbit, 0);
        FanOutFigures reload =
            Spread(replicas, entries * costs.LoadedBytes, FetchBytesPerSecond(), costs.BuildSeconds(entries));
        (string What, double Over)[] limits =
        [
            ("memory", Reloading(entries) / GiB / machine.GiB),
            ("one list's manifest", Manifest(entries) / StoreArguments.MaxBlobBytes),
            ("look-up before decode", costs.LookupMilliseconds(entries) / 1000 / _mix.MeanSeconds),
            ("link before cores", byLink / byCores),
            ("edit in 2 s", edit.LastReady / EditSeconds),
            ($"reload in {options.ReloadWithin.TotalMinutes:0} min",
                reload.LastReady / options.ReloadWithin.TotalSeconds),
        ];
        return [.. limits.Where(limit => limit.Over > 1).OrderByDescending(limit => limit.Over)
            .Select(limit => FormattableString.Invariant($"{limit.What} {limit.Over:0.0}x"))];
    }
}
