using HashMatch.Imaging;
using HashMatch.Imaging.Workers;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using HashMatch.Uploads;

namespace HashMatch.Cli.Verdicts;

/// <summary>Matches in this process, against the active versions of a store as they were when it was opened.</summary>
internal sealed class LocalVerdicts : IVerdicts
{
    private readonly HashIndex _index;
    private readonly DecodeWorkers _workers;
    private readonly UploadHasher _hasher;
    private readonly Matcher _matcher = new(new MatcherOptions(), TimeProvider.System);

    private LocalVerdicts(HashIndex index)
    {
        _index = index;
        var limits = new ImageLimits();
        _workers = new DecodeWorkers(limits);
        _hasher = new UploadHasher(new ImageDecoder(limits, _workers));
    }

    /// <summary>Loads the active versions.</summary>
    /// <exception cref="FailureException">No enabled list has an active version.</exception>
    public static async Task<LocalVerdicts> OpenAsync(IListStore store, CancellationToken cancellation)
    {
        var current = new CurrentIndex();
        var replica = new ListReplica(store, current, TimeProvider.System);
        await replica.RefreshAsync(cancellation);
        if (replica.Fault is { } fault)
        {
            throw fault is StoreUnavailableException or StoreCorruptException
                ? fault
                : new StoreCorruptException(fault.Message, fault);
        }

        if (current.Value is not { } index || index.Lists.Count == 0)
        {
            throw new FailureException(Failure.NoActiveLists);
        }

        return new LocalVerdicts(index);
    }

    public Task<Verdict> MatchAsync(
        ReadOnlyMemory<byte> image, UploadOptions options, CancellationToken cancellation)
    {
        UploadOptions needed = options with
        {
            Trim = _index.Trims,
            Md5 = _index.Holds(HashType.Md5),
            Sha1 = _index.Holds(HashType.Sha1),
            Sha256 = _index.Holds(HashType.Sha256),
        };
        HashedUpload upload = _hasher.Hash(image, needed, cancellation);

        // An interrupted decode looks like one that timed out.
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(_matcher.Decide(_index, upload.Query));
    }

    public ValueTask DisposeAsync()
    {
        _workers.Dispose();
        return ValueTask.CompletedTask;
    }
}
