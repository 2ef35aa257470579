namespace HashMatch.Matching;

/// <summary>
/// How often one entry matched: eight slots of the current window, and behind them a day by the hour, so that what is
/// judged is not part of what it is judged by. Times are of a clock that never jumps. Not safe for concurrent use.
/// </summary>
internal sealed class MatchRate(QuarantineOptions options)
{
    private const int Slots = 8;
    private const int Hours = 24;

    private static readonly TimeSpan Day = TimeSpan.FromHours(Hours);

    private readonly TimeSpan _window = options.Window;
    private readonly int[] _slots = new int[Slots];
    private readonly int[] _hours = new int[Hours];
    private long _slot;
    private long _hour;
    private TimeSpan _first = TimeSpan.MaxValue;

    private long SlotTicks => Math.Max(_window.Ticks / Slots, 1);

    /// <summary>Counts one match.</summary>
    /// <returns>Matches within the window that ends now, and what the time before it makes of a window.</returns>
    public (long Matches, double Expected) Count(TimeSpan now)
    {
        Advance(now);
        _first = now < _first ? now : _first;
        _slots[_slot % Slots]++;
        TimeSpan history = now - _window - _first;
        history = history < _window ? _window : history > Day ? Day : history;
        return (Sum(_slots), Sum(_hours) * (_window / history));
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(_slots);
        Array.Clear(_hours);
        _first = TimeSpan.MaxValue;
    }

    // Of matches that come at the same time, a later one may be counted first.
    private void Advance(TimeSpan now)
    {
        long slot = Math.Max(now.Ticks / SlotTicks, _slot);
        for (long old = Math.Max(_slot - Slots + 1, 0); old <= Math.Min(_slot, slot - Slots); old++)
        {
            AddHours(old * SlotTicks, _slots[old % Slots]);
            _slots[old % Slots] = 0;
        }

        _slot = slot;
        AddHours(now.Ticks, 0);
    }

    private void AddHours(long ticks, int matches)
    {
        long hour = Math.Max(ticks / TimeSpan.TicksPerHour, 0);
        for (long next = Math.Max(_hour + 1, hour - Hours + 1); next <= hour; next++)
        {
            _hours[next % Hours] = 0;
        }

        _hour = Math.Max(_hour, hour);
        if (hour > _hour - Hours)
        {
            _hours[hour % Hours] += matches;
        }
    }

    private static long Sum(int[] counts)
    {
        long sum = 0;
        foreach (int count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
