namespace HashMatch.Matching.Index;

/// <summary>
/// From a part's row to the lists that use it, in one snapshot: the live segments by where they start. A segment that
/// two lists share is there twice; what no list uses is in none.
/// </summary>
internal sealed class LiveSegments
{
    private readonly LiveSegment[] _segments;

    // Apart from the segments, so that a search reads few cache lines.
    private readonly int[] _starts;

    /// <param name="segments">Sorted by where they start.</param>
    public LiveSegments(LiveSegment[] segments)
    {
        _segments = segments;
        _starts = new int[segments.Length];
        for (int i = 0; i < segments.Length; i++)
        {
            _starts[i] = segments[i].Start;
        }
    }

    /// <summary>The segments, by where they start.</summary>
    public ReadOnlySpan<LiveSegment> All => _segments;

    /// <summary>The last segment that may hold a row, -1 when none does; others that hold it are before it.</summary>
    public int Last(int row)
    {
        int low = 0;
        int high = _starts.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = _starts[middle] <= row ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    /// <summary>Whether a place is one and its segment holds the row.</summary>
    public bool Holds(int place, int row) => place >= 0 && (uint)(row - _starts[place]) < (uint)_segments[place].Rows;

    public ref readonly LiveSegment this[int place] => ref _segments[place];
}
