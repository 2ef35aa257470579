namespace HashMatch.Matching.Index;

/// <summary>What each of many hashes found; its room is used again when it is filled again.</summary>
public sealed class FoundCandidates
{
    private readonly List<List<Candidate>> _byWorker = [];
    private FoundRange[] _ranges = [];

    /// <summary>Hashes that were looked up.</summary>
    public int Count { get; private set; }

    /// <summary>What one hash found; order is not defined.</summary>
    public ReadOnlySpan<Candidate> this[int query]
    {
        get
        {
            FoundRange range = RangeOf(query);
            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_byWorker[range.Worker])
                .Slice(range.Start, range.Count);
        }
    }

    /// <summary>Whether a list that decides has more for this hash than was asked for.</summary>
    public bool HasMore(int query) => RangeOf(query).HasMore;

    internal void Begin(int queries, int workers)
    {
        Count = queries;
        if (_ranges.Length < queries)
        {
            _ranges = new FoundRange[queries];
        }

        while (_byWorker.Count < workers)
        {
            _byWorker.Add([]);
        }

        _byWorker.ForEach(found => found.Clear());
    }

    internal List<Candidate> Of(int worker) => _byWorker[worker];

    internal void Set(int query, FoundRange range) => _ranges[query] = range;

    private FoundRange RangeOf(int query)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)query, (uint)Count, nameof(query));
        return _ranges[query];
    }

    /// <summary>Where one hash's candidates are.</summary>
    internal readonly record struct FoundRange(int Worker, int Start, int Count, bool HasMore);
}
