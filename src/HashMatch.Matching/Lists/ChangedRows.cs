namespace HashMatch.Matching.Lists;

/// <summary>Sorted changes over the entries of a stored version: what they neither say nor withdraw stays.</summary>
internal sealed class ChangedRows(VersionRows stored, RestatedRecords restated, SegmentSink sink) : IRowSink
{
    private readonly byte[] _row = new byte[PackedRow.MaxBytes];

    /// <summary>Entries of the version that were withdrawn.</summary>
    public long Removed { get; private set; }

    public bool TryAdd(PackedRow row)
    {
        EntryKey key = row.Key;
        while (!stored.IsAtEnd)
        {
            if (stored.NeedsLoad)
            {
                return false;
            }

            int order = stored.Key.CompareTo(key);
            if (order > 0)
            {
                break;
            }

            if (order == 0)
            {
                Removed += row.IsTombstone ? 1 : 0;
                stored.MoveNext();
            }
            else if (!TryKeep())
            {
                return false;
            }
        }

        return row.IsTombstone || sink.TryAdd(row);
    }

    public Task CutAsync(CancellationToken cancellation) =>
        stored.NeedsLoad ? stored.LoadAsync(cancellation) : sink.CutAsync(cancellation);

    /// <summary>Keeps what lies behind the last change.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        while (!stored.IsAtEnd)
        {
            if (stored.NeedsLoad || !TryKeep())
            {
                await CutAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    private bool TryKeep()
    {
        (ListSegment segment, int row) = stored.Current;
        if (restated.Contains(segment.ExternalIdBytes(row)))
        {
            Removed++;
        }
        else
        {
            int length = PackedRow.Write(segment, row, _row);
            if (!sink.TryAdd(new PackedRow(_row.AsSpan(0, length))))
            {
                return false;
            }
        }

        stored.MoveNext();
        return true;
    }
}
