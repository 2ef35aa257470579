using System.Numerics;

namespace HashMatch.Matching.Index;

/// <summary>
/// Which buckets hold every row within a distance. Each chunk i has a threshold T(i), -1 or more, so that
/// sum(T(i) + 1) = distance + 1. Let d(i) be the bits that differ in chunk i, and the excess d(i) - T(i) - 1: within
/// distance the excesses around the ring sum to less than 0, so that from some chunk on every running sum is less than
/// 0. There d(i) is at most T(i), and d(i) + d(i + 1) at most T(i) + T(i + 1) + 1, the pair limit. (The pigeonring
/// principle: Qin and Xiao, VLDB 2018.)
/// </summary>
internal sealed class SearchPlan
{
    /// <summary>Most probes of a run, so that what is prefetched for one fits a first-level cache's buffers.</summary>
    public const int LongestRun = 32;

    // Nanoseconds of one thread where rows do not fit a cache. Only their ratios matter, and only to speed.
    private const double ProbeCost = 5;
    private const double CandidateCost = 0.08;
    private const double CheckCost = 10;
    private const double RowCost = 1.1;

    private readonly ChunkLayout _layout;
    private readonly int[] _thresholds;

    private SearchPlan(ChunkLayout layout, int[] thresholds, ProbeRun[] runs)
    {
        _layout = layout;
        _thresholds = thresholds;
        Runs = runs;
    }

    /// <summary>What is looked at, in order of chunks; none when reading every row is cheaper.</summary>
    public ProbeRun[] Runs { get; }

    /// <summary>Whether to read every row.</summary>
    public bool ReadsAll => Runs.Length == 0;

    /// <summary>A plan for a distance.</summary>
    /// <param name="layout">The chunks.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="maxDistance">0 to 256.</param>
    public static SearchPlan Create(ChunkLayout layout, int rows, int maxDistance)
    {
        int[]? thresholds = Thresholds(layout, rows, maxDistance);
        return thresholds is not null && Cost(layout, rows, thresholds) < rows * RowCost
            ? Create(layout, thresholds)
            : new SearchPlan(layout, thresholds ?? [], []);
    }

    /// <summary>The plan of given thresholds, whatever it costs.</summary>
    public static SearchPlan Create(ChunkLayout layout, int[] thresholds)
    {
        List<ProbeRun> runs = [];
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            for (int flips = 0; flips <= thresholds[chunk]; flips++)
            {
                AddRuns(runs, chunk, Limit(thresholds, chunk, flips), FlipMasks.Of(layout.BucketBits(chunk), flips));
            }
        }

        return new SearchPlan(layout, thresholds, [.. runs]);
    }

    /// <summary>Thresholds that sum up as they must, each next flip given to the chunk where it costs least; null when
    /// no chunk takes another.</summary>
    public static int[]? Thresholds(ChunkLayout layout, int rows, int maxDistance)
    {
        int[] thresholds = new int[layout.Count];
        Array.Fill(thresholds, -1);
        for (int given = 0; given < maxDistance + 1; given++)
        {
            int best = -1;
            double least = double.PositiveInfinity;
            for (int chunk = 0; chunk < layout.Count; chunk++)
            {
                int bits = layout.BucketBits(chunk);
                int flips = thresholds[chunk] + 1;
                double cost = FlipMasks.Count(bits, flips) * (ProbeCost + (CandidateCost * rows / (1 << bits)));
                if (flips <= bits && cost < least)
                {
                    best = chunk;
                    least = cost;
                }
            }

            if (best < 0)
            {
                return null;
            }

            thresholds[best]++;
        }

        return thresholds;
    }

    /// <summary>Whether the filter lets a row pass in a chunk: what <see cref="Runs"/> make a candidate of.</summary>
    /// <param name="difference">Query XOR row, both shuffled.</param>
    /// <param name="chunk">The chunk.</param>
    public bool Passes(in HashValue difference, int chunk)
    {
        int flips = BitOperations.PopCount(_layout.Bucket(chunk).Of(difference));
        return flips <= _thresholds[chunk]
            && BitOperations.PopCount(_layout.Signature(chunk).Of(difference)) <= Limit(_thresholds, chunk, flips);
    }

    /// <summary>Whether this is the first chunk that a row passes in; of several only the first reports it.</summary>
    public bool IsFirst(in HashValue difference, int chunk)
    {
        for (int earlier = 0; earlier < chunk; earlier++)
        {
            if (Passes(difference, earlier))
            {
                return false;
            }
        }

        return true;
    }

    // Most bits of the signature that may differ when so many of the bucket do. It is not negative: flips are at most
    // T(i), and T(i + 1) is at least -1.
    private static int Limit(int[] thresholds, int chunk, int flips)
    {
        int next = chunk + 1 == thresholds.Length ? 0 : chunk + 1;
        return Math.Min(ChunkLayout.SignatureBits, thresholds[chunk] + thresholds[next] + 1 - flips);
    }

    private static unsafe void AddRuns(List<ProbeRun> runs, int chunk, int limit, uint[] masks)
    {
        fixed (uint* first = masks)
        {
            for (int at = 0; at < masks.Length; at += LongestRun)
            {
                runs.Add(new ProbeRun(chunk, limit, (nint)(first + at), Math.Min(LongestRun, masks.Length - at)));
            }
        }
    }

    private static double Cost(ChunkLayout layout, int rows, int[] thresholds)
    {
        double cost = 0;
        for (int chunk = 0; chunk < layout.Count; chunk++)
        {
            double bucketRows = (double)rows / layout.Buckets(chunk);
            for (int flips = 0; flips <= thresholds[chunk]; flips++)
            {
                double passing = 0;
                for (int bits = 0; bits <= Limit(thresholds, chunk, flips); bits++)
                {
                    passing += FlipMasks.Count(ChunkLayout.SignatureBits, bits);
                }

                cost += FlipMasks.Count(layout.BucketBits(chunk), flips)
                    * (ProbeCost + (bucketRows * (CandidateCost + (CheckCost * passing / 65536))));
            }
        }

        return cost;
    }
}
