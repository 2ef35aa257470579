namespace HashMatch.Matching.Index;

/// <summary>
/// An immutable snapshot of the active versions of all enabled lists, answering exactly: every entry within its list's
/// threshold, none missed, none extra. Readers share it without a lock. Its memory is native and freed when its owner
/// and the last lease let go, and looking something up is an error from then on.
/// </summary>
public sealed partial class HashIndex : IDisposable
{
    private readonly IndexedList[] _lists;
    private readonly SnapshotPart[] _parts;
    private readonly bool[] _holds = new bool[(int)HashType.Sha256 + 1];
    private ReferenceCount _references = ReferenceCount.One;
    private int _isDisposed;

    /// <param name="generation">See <see cref="Generation"/>.</param>
    /// <param name="lists">Enabled lists, by name.</param>
    /// <param name="parts">Parts that hold all their segments; held already.</param>
    internal HashIndex(long generation, IndexedList[] lists, SnapshotPart[] parts)
    {
        Generation = generation;
        _lists = lists;
        _parts = parts;
        for (HashType type = HashType.Pdq; type <= HashType.Sha256; type++)
        {
            _holds[(int)type] = Array.Exists(lists, list => list.Content.Counts.Of(type) > 0);
        }

        Trims = Array.Exists(
            lists,
            list => list.Policy.Trim && list.Policy.Kind == ListKind.Match && list.Content.Counts.Pdq > 0);
    }

    /// <summary>
    /// Rises with every change of what is looked up. Parts that are merged behind it leave it as it is.
    /// </summary>
    public long Generation { get; }

    /// <summary>Whether any list is matched by pictures without their border.</summary>
    public bool Trims { get; }

    /// <summary>The lists that are looked up, shadow and negative lists too, by name. A candidate names them by place.
    /// </summary>
    public IReadOnlyList<IndexedList> Lists => _lists;

    /// <summary>Whether there is a list whose entries match, shadow lists included, and that has not expired.</summary>
    public bool Matches(DateTimeOffset now)
    {
        foreach (IndexedList list in _lists)
        {
            if (list.Policy.Kind == ListKind.Match && !(list.Policy.ExpiresAt <= now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes of native memory that it holds; snapshots share them.</summary>
    public long NativeBytes => _parts.Sum(part => part.Part.Bytes);

    /// <summary>What a look-up asks.</summary>
    internal IReadOnlyList<SnapshotPart> Parts => _parts;

    /// <summary>Builds a snapshot on its own; disabled lists are left out. Lists without an active version have no
    /// content and are not passed.</summary>
    /// <returns>Owned by the caller.</returns>
    /// <exception cref="IndexTooLargeException">It would not fit.</exception>
    public static HashIndex Build(long generation, IReadOnlyList<IndexedList> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        using PartShelf shelf = new(new IndexSizes());
        IndexedList[] enabled = PartShelf.Enabled(lists);
        shelf.Take(enabled, CancellationToken.None);
        return shelf.Snapshot(generation, enabled);
    }

    /// <summary>Whether any enabled list holds entries of this type.</summary>
    public bool Holds(HashType type) => _holds[(int)type];

    /// <summary>
    /// Adds every PDQ entry within its list's threshold, of lists that take the hash's rendition and quality; expired
    /// entries too.
    /// </summary>
    /// <param name="hash">The query.</param>
    /// <param name="candidates">Added to; order is not defined.</param>
    /// <exception cref="ObjectDisposedException">The snapshot is freed.</exception>
    public void Find(in QueryHash hash, List<Candidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        Hold();
        try
        {
            IndexSearch.OfThread.Find(_lists, _parts, hash, candidates);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>
    /// Adds the nearest PDQ entries within their list's threshold that have not expired, of lists that take the hash's
    /// rendition and quality.
    /// </summary>
    /// <param name="hash">The query.</param>
    /// <param name="limit">How many of each list; of a negative list it is one.</param>
    /// <param name="candidates">Added to, one list's behind another's.</param>
    /// <param name="more">Added to: the places of lists that have more of them; null when nobody asks.</param>
    /// <returns>Whether a list that decides has more of them.</returns>
    /// <exception cref="ObjectDisposedException">The snapshot is freed.</exception>
    public bool Find(
        in QueryHash hash, in FindLimit limit, List<Candidate> candidates, List<int>? more = null)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.PerList, 1, nameof(limit));
        Hold();
        try
        {
            return IndexSearch.OfThread.Find(_lists, _parts, hash, limit, candidates, more);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Adds every digest entry that is equal; expired ones too.</summary>
    /// <param name="type">Not Pdq.</param>
    /// <param name="digest">As many bytes as the type has.</param>
    /// <param name="candidates">Added to.</param>
    /// <exception cref="ArgumentException">The type is Pdq, or the digest has another length.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot is freed.</exception>
    public void Find(HashType type, ReadOnlySpan<byte> digest, List<Candidate> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (type == HashType.Pdq || digest.Length != HashValue.ByteCount(type))
        {
            throw new ArgumentException("Not a digest of this type.", nameof(digest));
        }

        HashValue value = HashValue.Read(digest);
        ulong hash = DigestTable.HashOf(type, value);
        Hold();
        try
        {
            foreach (SnapshotPart part in _parts)
            {
                part.Find(type, value, hash, candidates);
            }
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Lets go of what the owner holds; once is enough.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Release();
        }
    }

    /// <summary>Holds it for a lease, unless it is freed.</summary>
    internal bool TryHold() => _references.TryAdd();

    /// <summary>Lets go; the last one frees what no other snapshot holds.</summary>
    internal void Release()
    {
        if (_references.Release())
        {
            Array.ForEach(_parts, part => part.Release());
        }
    }

    // For each look-up, so that not even a caller without a lease reads memory that is freed meanwhile.
    private void Hold()
    {
        bool held = TryHold();
        ObjectDisposedException.ThrowIf(!held, this);
    }
}
