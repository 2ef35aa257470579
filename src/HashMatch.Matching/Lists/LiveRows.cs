namespace HashMatch.Matching.Lists;

/// <summary>Passes entries on to segments, and counts the tombstones that end here.</summary>
internal sealed class LiveRows(SegmentSink sink) : IRowSink
{
    /// <summary>Keys whose last word was their removal.</summary>
    public long Removed { get; private set; }

    public bool TryAdd(PackedRow row)
    {
        if (!row.IsTombstone)
        {
            return sink.TryAdd(row);
        }

        Removed++;
        return true;
    }

    public Task CutAsync(CancellationToken cancellation) => sink.CutAsync(cancellation);
}
