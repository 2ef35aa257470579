using System.Collections.Concurrent;
using HashMatch.Cli.Driving;
using HashMatch.Imaging;
using HashMatch.Imaging.Drawn;
using HashMatch.Pdq;

namespace HashMatch.Load.Drive;

/// <summary>
/// Draws the pictures and hashes of every case at the start: so many distinct ones that no cache of a processor knows
/// them when they come round again.
/// </summary>
internal sealed class ItemPool
{
    // Of one part; a processor's caches hold less.
    private const long PartBytes = 48 * 1024 * 1024;
    private const int MostPictures = 256;
    private const int FewestPictures = 8;
    private const int ListedOfPart = 4;

    private readonly DriveOptions _options;
    private readonly Lazy<QueryPool> _queries;
    private readonly List<PdqHash> _planted = [];
    private uint _seed;

    public ItemPool(DriveOptions options)
    {
        _options = options;
        _seed = (uint)options.Seed * 100_000;
        _queries = new Lazy<QueryPool>(
            () => new QueryPool(options.IsKnown ? options.Entries : 0, options.HitRate, options.Seed));
    }

    /// <summary>What the service's list must have beside the random entries.</summary>
    public IReadOnlyList<PdqHash> Planted => _planted;

    /// <summary>The items of a case.</summary>
    /// <exception cref="InvalidOperationException">A drawn picture says too little to be matched.</exception>
    public LoadPlan Make(LoadCase load) => new(
        [.. load.Parts.Select(part => part.Format is { } format
            ? Pictures(part, format)
            : new PlanPart(part.Weight, Batches(part.Hashes), []))],
        _options.HitRate,
        _options.Seed);

    private HashesItem[] Batches(int hashes) =>
        [.. Enumerable.Range(0, QueryPool.Size / hashes)
            .Select(batch => new HashesItem(_queries.Value, batch * hashes, hashes))];

    private PlanPart Pictures(CasePart part, ImageFormat format)
    {
        DrawnPicture[] listed = Draw(part, format, _options.IsKnown ? ListedOfPart : 0);
        _planted.AddRange(listed.Select(picture => picture.Hash.Hash));
        DrawnPicture first = Draw(part, format, 1)[0];
        int count = (int)Math.Clamp(PartBytes / first.File.Length, FewestPictures, MostPictures);
        bool? isListed = _options.IsKnown ? false : null;
        return new PlanPart(
            part.Weight,
            [.. Draw(part, format, count - 1).Append(first).Select(drawn => new PictureItem(drawn.File, isListed))],
            [.. listed.Select(drawn => new PictureItem(drawn.File, true))]);
    }

    private DrawnPicture[] Draw(CasePart part, ImageFormat format, int count)
    {
        uint from = _seed;
        _seed += (uint)count;
        var drawn = new DrawnPicture[count];
        Parallel.ForEach(Partitioner.Create(0, Math.Max(count, 1), 1), range =>
        {
            if (range.Item1 < count)
            {
                uint seed = from + (uint)range.Item1;
                drawn[range.Item1] = NoisePictures.Draw(format, part.Width, part.Height, seed);
            }
        });
        return Array.Find(drawn, picture => picture.Hash.Quality < 50) is null
            ? drawn
            : throw new InvalidOperationException(
                $"{part.Name} is too small: its hashes say too little to be matched.");
    }
}
