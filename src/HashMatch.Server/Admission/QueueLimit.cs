namespace HashMatch.Server.Admission;

/// <summary>
/// How long the work in line may take. A burst may fill the whole line. A line that does not get short again is no
/// burst but more than the server does: it only makes everybody late, so from then on it is held to a few uploads'
/// time, until few are refused. One caller at a time.
/// </summary>
/// <param name="most">What a burst may take.</param>
/// <param name="decodes">Uploads decoded at a time.</param>
internal sealed class QueueLimit(TimeSpan most, int decodes)
{
    /// <summary>So long a line may stay over the short limit before it counts as standing.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LeastShort = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(250);

    // Arrivals by which a window is judged, in uploads' times of one decode.
    private const int WindowUploads = 20;
    private const int MostOverPercent = 10;

    private TimeSpan _lastShort;
    private TimeSpan _windowStart;
    private int _arrivals;
    private int _over;

    /// <summary>Whether the line is held short.</summary>
    public bool IsStanding { get; private set; }

    /// <summary>Takes an arrival into account.</summary>
    /// <param name="now">Of a clock that never goes back.</param>
    /// <param name="wait">What it would wait.</param>
    /// <param name="typical">What an upload takes.</param>
    /// <returns>The longest wait that is let in.</returns>
    public TimeSpan Take(TimeSpan now, TimeSpan wait, TimeSpan typical)
    {
        // Twice what waits anyway at half load: enough for no decode to run dry between two arrivals.
        TimeSpan brief = Min(most, Max(LeastShort, typical * (1 + (2.0 / decodes))));
        if (!IsStanding)
        {
            if (wait <= brief)
            {
                _lastShort = now;
            }
            else if (now - _lastShort > Burst)
            {
                IsStanding = true;
                (_windowStart, _arrivals, _over) = (now, 0, 0);
            }
        }

        if (!IsStanding)
        {
            return most;
        }

        TimeSpan window = Max(LeastWindow, typical * WindowUploads / decodes);
        if (now - _windowStart > window)
        {
            IsStanding = _over * 100 > _arrivals * MostOverPercent;
            _lastShort = now;
            (_windowStart, _arrivals, _over) = (now, 0, 0);
        }

        _arrivals++;
        _over += wait > brief ? 1 : 0;
        return IsStanding ? brief : most;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
