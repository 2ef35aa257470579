namespace HashMatch.Matching.Index;

/// <content>Many hashes at once, on all cores.</content>
public sealed partial class HashIndex
{
    /// <summary>Hashes that a core takes at a time.</summary>
    private const int HashesAtATime = 32;

    /// <summary>
    /// Looks many hashes up, on as many cores as there are; each finds what <see cref="Find(in QueryHash, in FindLimit,
    /// List{Candidate}, List{int})"/> finds.
    /// </summary>
    /// <param name="hashes">The queries.</param>
    /// <param name="limit">How many entries of each list; null for all, expired ones too.</param>
    /// <param name="found">Filled anew, a result for each query.</param>
    /// <param name="cancellation">Ends it between hashes.</param>
    /// <exception cref="ObjectDisposedException">The snapshot is freed.</exception>
    public void FindMany(
        ReadOnlyMemory<QueryHash> hashes,
        FindLimit? limit,
        FoundCandidates found,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit?.PerList ?? 1, 1, nameof(limit));
        int workers = Math.Min(
            Environment.ProcessorCount, (hashes.Length + HashesAtATime - 1) / HashesAtATime);
        found.Begin(hashes.Length, Math.Max(workers, 1));
        Hold();
        try
        {
            if (workers <= 1)
            {
                FindRange(hashes.Span, 0, limit, found, 0);
                return;
            }

            int next = 0;
            ParallelOptions options = new() { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
            Parallel.For(0, workers, options, worker =>
            {
                for (int start = Interlocked.Add(ref next, HashesAtATime) - HashesAtATime;
                    start < hashes.Length;
                    start = Interlocked.Add(ref next, HashesAtATime) - HashesAtATime)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int count = Math.Min(HashesAtATime, hashes.Length - start);
                    FindRange(hashes.Span.Slice(start, count), start, limit, found, worker);
                }
            });
        }
        finally
        {
            Release();
        }
    }

    private void FindRange(
        ReadOnlySpan<QueryHash> hashes, int first, FindLimit? limit, FoundCandidates found, int worker)
    {
        List<Candidate> candidates = found.Of(worker);
        IndexSearch search = IndexSearch.OfThread;
        for (int i = 0; i < hashes.Length; i++)
        {
            int start = candidates.Count;
            bool more = false;
            if (limit is { } most)
            {
                more = search.Find(_lists, _parts, hashes[i], most, candidates, null);
            }
            else
            {
                search.Find(_lists, _parts, hashes[i], candidates);
            }

            found.Set(first + i, new FoundCandidates.FoundRange(worker, start, candidates.Count - start, more));
        }
    }
}
