using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Auditing;

/// <summary>
/// Holds the content of lists against what their documents, and so their records, say of it: the document states its
/// versions' manifests by digest, a manifest its segments. Reads every blob once, a few at a time.
/// </summary>
internal sealed class ContentVerifier(IListStore store)
{
    private const int MaxReadsInFlight = 4;

    private readonly List<string> _unstated = [];
    private long _versions;
    private long _segments;
    private long _bytes;
    private long _unstatedCount;

    /// <summary>What was looked at so far.</summary>
    public AuditContent Content => new(_versions, _segments, _bytes, [.. _unstated], _unstatedCount);

    /// <summary>Names what no record states.</summary>
    public void AddUnstated(string what)
    {
        _unstatedCount++;
        if (_unstated.Count < AuditVerifier.MaxFaults)
        {
            _unstated.Add(what);
        }
    }

    /// <summary>Verifies all versions of a list.</summary>
    /// <param name="name">The list; one that is gone has no content.</param>
    /// <param name="record">The record that left its document so; 0 for none.</param>
    /// <param name="isKnown">Whether something was said of its document already.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<AuditFault>> VerifyAsync(
        string name, long record, bool isKnown, CancellationToken cancellation)
    {
        HashSet<SegmentRef> good = [];
        List<AuditFault> faults = [];
        HashList? list;
        try
        {
            list = await ReadAsync(name, cancellation).ConfigureAwait(false);
        }
        catch (StoreCorruptException e)
        {
            // What stands beside the document, its revision and its name, is in it as well and has no other digest.
            return isKnown ? [] : [new AuditFault(record, record, record == 0
                ? $"list:{name} cannot be read, and so its content: {e.Message}"
                : $"list:{name} is not as record {record} left it, and its content cannot be read: {e.Message}")];
        }

        foreach (ListVersion version in list?.Versions ?? [])
        {
            List<string> problems = await ProblemsOfAsync(list!, version, good, cancellation).ConfigureAwait(false);

            // A version that was deleted while it was read takes its blobs along.
            if (problems.Count > 0 && await IsThereAsync(name, version, cancellation).ConfigureAwait(false))
            {
                faults.AddRange(problems.Select(problem => new AuditFault(record, record, record == 0
                    ? $"Version {version.Number} of list:{name} is not what was staged: {problem}"
                    : $"Version {version.Number} of list:{name} is not what record {record} vouches for: {problem}")));
            }
        }

        return faults;
    }

    private async Task<HashList?> ReadAsync(string name, CancellationToken cancellation)
    {
        StoredList? stored = await store.ReadListAsync(name, cancellation).ConfigureAwait(false);
        return stored is null ? null : ListDocument.Decode(stored);
    }

    private async Task<bool> IsThereAsync(string name, ListVersion version, CancellationToken cancellation)
    {
        try
        {
            HashList? list = await ReadAsync(name, cancellation).ConfigureAwait(false);
            return list?.Find(version.Number)?.ManifestId == version.ManifestId;
        }
        catch (StoreCorruptException)
        {
            // It cannot be told that it is gone.
            return true;
        }
    }

    private async Task<List<string>> ProblemsOfAsync(
        HashList list, ListVersion version, HashSet<SegmentRef> good, CancellationToken cancellation)
    {
        _versions++;
        VersionManifest manifest;
        try
        {
            byte[]? blob = await store.ReadBlobAsync(list.Name, version.ManifestId, cancellation)
                .ConfigureAwait(false);
            manifest = ListDocument.DecodeManifest(blob, version);
            _bytes += blob!.Length;
        }
        catch (StoreCorruptException e)
        {
            return [e.Message];
        }

        SegmentRef[] segments = [.. manifest.Base.Concat(manifest.Deltas)];
        int unstated = segments.Count(segment => segment.Digest is null);
        if (version.ManifestDigest is null)
        {
            AddUnstated($"Version {version.Number} of list:{list.Name} was staged before documents stated digests.");
        }
        else if (unstated > 0)
        {
            AddUnstated($"{unstated} of {segments.Length} segments of version {version.Number} of list:{list.Name} "
                + "were written before manifests stated digests.");
        }

        List<string> problems = manifest.Entries == version.Entries ? []
            : [$"its manifest says {manifest.Entries.Total} entries and not {version.Entries.Total}."];
        await Parallel.ForEachAsync(
            segments.Where(segment => !good.Contains(segment)).ToArray(),
            new ParallelOptions { MaxDegreeOfParallelism = MaxReadsInFlight, CancellationToken = cancellation },
            async (segment, token) =>
            {
                string? problem = await ProblemOfAsync(list.Name, segment, token).ConfigureAwait(false);
                lock (good)
                {
                    _segments++;
                    _bytes += segment.Bytes;
                    if (problem is null)
                    {
                        good.Add(segment);
                    }
                    else
                    {
                        problems.Add(problem);
                    }
                }
            }).ConfigureAwait(false);
        return problems;
    }

    private async ValueTask<string?> ProblemOfAsync(string list, SegmentRef segment, CancellationToken cancellation)
    {
        try
        {
            ListSegment.Verify(
                await store.ReadBlobAsync(list, segment.Id, cancellation).ConfigureAwait(false), segment);
            return null;
        }
        catch (StoreCorruptException e)
        {
            return e.Message;
        }
    }
}
