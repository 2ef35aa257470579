namespace HashMatch.Matching.Lists;

/// <summary>Merges sorted runs into one; of rows with one key that of the latest run stays.</summary>
internal sealed class RunMerge(IReadOnlyList<SpillReader> runs)
{
    private readonly IReadOnlyList<SpillReader> _runs = runs;

    // The least key first, and of equal keys the latest run.
    private readonly PriorityQueue<int, (EntryKey Key, int Age)> _heads = new(
        Comparer<(EntryKey Key, int Age)>.Create((left, right) =>
        {
            int order = left.Key.CompareTo(right.Key);
            return order != 0 ? order : right.Age.CompareTo(left.Age);
        }));

    private int _current = -1;

    /// <summary>Rows that a later run overrode.</summary>
    public long Folded { get; private set; }

    /// <summary>The row that it stands on.</summary>
    public PackedRow Current => _runs[_current].Current;

    /// <summary>Loads the first blob of every run.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < _runs.Count; i++)
        {
            if (await _runs[i].LoadNextAsync(cancellation).ConfigureAwait(false))
            {
                _heads.Enqueue(i, (_runs[i].Key, i));
            }
        }
    }

    /// <summary>Goes to the next row that stays; false at the end.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellation)
    {
        bool first = _current < 0;
        EntryKey last = first ? default : _runs[_current].Key;
        if (!first)
        {
            await AdvanceAsync(_current, cancellation).ConfigureAwait(false);
        }

        while (_heads.TryDequeue(out int run, out _))
        {
            if (first || _runs[run].Key != last)
            {
                _current = run;
                return true;
            }

            Folded++;
            await AdvanceAsync(run, cancellation).ConfigureAwait(false);
        }

        return false;
    }

    private async ValueTask AdvanceAsync(int run, CancellationToken cancellation)
    {
        if (_runs[run].TryMoveNext() || await _runs[run].LoadNextAsync(cancellation).ConfigureAwait(false))
        {
            _heads.Enqueue(run, (_runs[run].Key, run));
        }
    }
}
