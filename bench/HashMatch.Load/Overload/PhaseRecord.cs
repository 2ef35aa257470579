using System.Diagnostics;
using HdrHistogram;

namespace HashMatch.Load.Overload;

/// <summary>Takes what the calls of a phase come to, by whatever thread.</summary>
internal sealed class PhaseRecord
{
    // Microseconds, up to ten minutes, to three digits.
    private const long Longest = 600_000_000;
    private const int Digits = 3;

    private readonly Lock _gate = new();
    private readonly LongHistogram _answered = new(Longest, Digits);
    private readonly LongHistogram _shed = new(Longest, Digits);
    private readonly LongHistogram _lags = new(Longest, Digits);
    private readonly List<LongHistogram> _bySecond = [];
    private readonly long _start = Stopwatch.GetTimestamp();

    public long Failed { get; private set; }

    public long Wrong { get; private set; }

    public long Calmed { get; private set; }

    public long Answered => _answered.TotalCount;

    public long Shed => _shed.TotalCount;

    /// <summary>Counts a call.</summary>
    /// <param name="due">When it was to be made: from then on its caller waits.</param>
    /// <param name="result">What became of it.</param>
    public void Take(long due, CallResult result)
    {
        long microseconds = Math.Clamp((long)Stopwatch.GetElapsedTime(due).TotalMicroseconds, 1, Longest);
        int second = (int)Math.Max(0, Stopwatch.GetElapsedTime(_start, due).TotalSeconds);
        lock (_gate)
        {
            switch (result)
            {
                case CallResult.Answered:
                    _answered.RecordValue(microseconds);
                    while (_bySecond.Count <= second)
                    {
                        _bySecond.Add(new LongHistogram(Longest, 2));
                    }

                    _bySecond[second].RecordValue(microseconds);
                    break;
                case CallResult.Shed:
                    _shed.RecordValue(microseconds);
                    break;
                case CallResult.Calmed:
                    Calmed++;
                    break;
                case CallResult.Wrong:
                    Wrong++;
                    break;
                default:
                    Failed++;
                    break;
            }
        }
    }

    /// <summary>Notes how late a call was made, by the machine's fault. One thread at a time.</summary>
    public void Lag(TimeSpan lag) => _lags.RecordValue(Math.Clamp((long)lag.TotalMicroseconds, 1, Longest));

    /// <summary>The lag that so many percent of the calls did not exceed.</summary>
    public TimeSpan LagAt(double percent) => At(_lags, percent);

    /// <summary>The latency that so many percent of the answered did not exceed.</summary>
    public TimeSpan AnsweredAt(double percent) => At(_answered, percent);

    /// <summary>Likewise of those that were shed.</summary>
    public TimeSpan ShedAt(double percent) => At(_shed, percent);

    /// <summary>Likewise of the answered calls of each second of the phase.</summary>
    public TimeSpan[] BySecond(double percent) => [.. _bySecond.Select(second => At(second, percent))];

    private static TimeSpan At(LongHistogram histogram, double percent) => histogram.TotalCount == 0
        ? TimeSpan.Zero
        : TimeSpan.FromMicroseconds(histogram.GetValueAtPercentile(percent));
}
