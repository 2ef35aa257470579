namespace HashMatch.Matching.Lists;

/// <summary>
/// Compares sorted rows with the entries of a stored version: what an edit of that version must do so that it holds
/// what the rows say. It gives up when that is more than an edit may hold.
/// </summary>
/// <param name="stored">The version, opened.</param>
/// <param name="restated">
/// The rows are changes: what they don't say stays, but for entries of these records. Null: the rows are all there is.
/// </param>
/// <param name="most">Rows that the edit may have.</param>
/// <param name="mostBytes">Bytes that they may take in memory.</param>
internal sealed class VersionDifference(
    VersionRows stored, RestatedRecords? restated, long most, int mostBytes) : IRowSink
{
    private readonly VersionRows _stored = stored;
    private readonly RestatedRecords? _restated = restated;
    private readonly byte[] _row = new byte[PackedRow.MaxBytes];
    private readonly List<bool> _present = [];
    private bool _isTooLarge;

    /// <summary>What the edit says, in order; of no use once the difference is too large.</summary>
    public RowBuffer Changes { get; } = new(mostBytes);

    /// <summary>Of each change, whether the version holds its key.</summary>
    public bool[] Present => [.. _present];

    /// <summary>Whether the difference fits an edit.</summary>
    public bool WantsMore => !_isTooLarge;

    /// <summary>Rows that withdraw a key, whether the version holds it or not.</summary>
    public long Withdrawn { get; private set; }

    public bool TryAdd(PackedRow row)
    {
        EntryKey key = row.Key;
        while (!_stored.IsAtEnd && !_isTooLarge)
        {
            if (_stored.NeedsLoad)
            {
                return false;
            }

            int order = _stored.Key.CompareTo(key);
            if (order > 0)
            {
                break;
            }

            if (order == 0)
            {
                if (row.IsTombstone || !row.Bytes.SequenceEqual(StoredRow()))
                {
                    Change(row, isPresent: true);
                }

                _stored.MoveNext();
                Withdrawn += row.IsTombstone ? 1 : 0;
                return true;
            }

            Leave();
        }

        if (!row.IsTombstone)
        {
            Change(row, isPresent: false);
        }

        Withdrawn += row.IsTombstone ? 1 : 0;
        return true;
    }

    public Task CutAsync(CancellationToken cancellation) => _stored.LoadAsync(cancellation);

    /// <summary>Looks at the entries behind the last row.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        while (!_isTooLarge && !_stored.IsAtEnd)
        {
            if (_stored.NeedsLoad)
            {
                await CutAsync(cancellation).ConfigureAwait(false);
            }
            else
            {
                Leave();
            }
        }
    }

    // An entry that the rows don't name.
    private void Leave()
    {
        (ListSegment segment, int row) = _stored.Current;
        if (_restated is null || _restated.Contains(segment.ExternalIdBytes(row)))
        {
            int length = PackedRow.WriteTombstone(segment.KeyAt(row), _row);
            Change(new PackedRow(_row.AsSpan(0, length)), isPresent: true);
        }

        _stored.MoveNext();
    }

    private ReadOnlySpan<byte> StoredRow()
    {
        (ListSegment segment, int row) = _stored.Current;
        return _row.AsSpan(0, PackedRow.Write(segment, row, _row));
    }

    private void Change(PackedRow row, bool isPresent)
    {
        if (_present.Count < most && Changes.TryAdd(row))
        {
            _present.Add(isPresent);
        }
        else
        {
            _isTooLarge = true;
        }
    }
}
