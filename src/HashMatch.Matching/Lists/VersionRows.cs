using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>The entries of a stored version in order of their keys, one base segment in memory at a time.</summary>
internal sealed class VersionRows(BlobWriter writer, VersionManifest manifest)
{
    private readonly BlobWriter _writer = writer;
    private readonly VersionManifest _manifest = manifest;
    private List<(ListSegment Segment, int Row)> _changes = [];
    private ListSegment? _base;
    private int _nextBase;
    private int _baseRow;
    private int _change;
    private bool _isChange;

    /// <summary>Whether the next segment must be loaded before there is a current row.</summary>
    public bool NeedsLoad { get; private set; }

    /// <summary>Whether all rows were passed.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>The current row's key.</summary>
    public EntryKey Key => Current.Segment.KeyAt(Current.Row);

    /// <summary>The current row.</summary>
    public (ListSegment Segment, int Row) Current => _isChange ? _changes[_change] : (_base!, _baseRow);

    /// <summary>Reads the deltas and goes to the first row.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        List<ListSegment> deltas = [];
        foreach (SegmentRef delta in _manifest.Deltas)
        {
            deltas.Add(await ReadAsync(delta, cancellation).ConfigureAwait(false));
        }

        _changes = [.. SegmentMerge.Rows(deltas)];
        Settle();
    }

    /// <summary>Loads the next segment.</summary>
    /// <exception cref="StoreCorruptException">It is gone or not what was written.</exception>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        _base = await ReadAsync(_manifest.Base[_nextBase++], cancellation).ConfigureAwait(false);
        _baseRow = 0;
        Settle();
    }

    /// <summary>Goes to the next row.</summary>
    public void MoveNext()
    {
        if (_isChange)
        {
            _change++;
        }
        else
        {
            _baseRow++;
        }

        Settle();
    }

    // A change stands before the base row that it overrides.
    private void Settle()
    {
        NeedsLoad = false;
        while (true)
        {
            bool hasBase = _base is not null && _baseRow < _base.Rows;
            if (!hasBase && _nextBase < _manifest.Base.Count)
            {
                NeedsLoad = true;
                return;
            }

            if (_change == _changes.Count)
            {
                _isChange = false;
                IsAtEnd = !hasBase;
                return;
            }

            (ListSegment segment, int row) = _changes[_change];
            int order = hasBase ? segment.KeyAt(row).CompareTo(_base!.KeyAt(_baseRow)) : -1;
            if (order > 0)
            {
                _isChange = false;
                return;
            }

            if (order == 0)
            {
                _baseRow++;
            }
            else if (segment.IsTombstone(row))
            {
                _change++;
            }
            else
            {
                _isChange = true;
                return;
            }
        }
    }

    private async Task<ListSegment> ReadAsync(SegmentRef segment, CancellationToken cancellation) => ListSegment.Decode(
        await _writer.Store.ReadBlobAsync(_writer.List, segment.Id, cancellation).ConfigureAwait(false),
        segment,
        keepNotes: true);
}
