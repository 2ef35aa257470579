using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Stores;
using HashMatch.Uploads;

namespace HashMatch.Cli.Verdicts;

/// <summary>Matches in this process, against the active versions of a store as they were when it was opened.</summary>
internal sealed class LocalVerdicts : IVerdicts
{
    private readonly LocalIndex _local;
    private readonly DecodeWorkers _workers;
    private readonly UploadHasher _hasher;
    private readonly Matcher _matcher = new(new MatcherOptions(), TimeProvider.System);

    private LocalVerdicts(LocalIndex local)
    {
        _local = local;
        var limits = new ImageLimits();
        _workers = new DecodeWorkers(limits);
        _hasher = new UploadHasher(new ImageDecoder(limits, _workers));
    }

    /// <summary>Loads the active versions.</summary>
    /// <inheritdoc cref="LocalIndex.OpenAsync"/>
    public static async Task<LocalVerdicts> OpenAsync(IListStore store, CancellationToken cancellation) =>
        new(await LocalIndex.OpenAsync(store, cancellation));

    public Task<UploadAnswer> MatchAsync(
        ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        HashIndex index = _local.Index;
        UploadOptions needed = options with
        {
            Trim = index.Trims,
            Md5 = index.Holds(HashType.Md5),
            Sha1 = index.Holds(HashType.Sha1),
            Sha256 = index.Holds(HashType.Sha256),
        };
        HashedUpload upload = _hasher.Hash(image, needed, cancellation);

        // An interrupted decode looks like one that timed out.
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(new UploadAnswer(_matcher.Decide(index, upload.Query), null));
    }

    public ValueTask DisposeAsync()
    {
        _workers.Dispose();
        _local.Dispose();
        return ValueTask.CompletedTask;
    }
}
