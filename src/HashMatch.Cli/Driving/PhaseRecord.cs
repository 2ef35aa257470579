using System.Diagnostics;

namespace HashMatch.Cli.Driving;

/// <summary>Takes what the calls of a phase come to, by whatever thread.</summary>
internal sealed class PhaseRecord
{
    private readonly Latencies _answered = new();
    private readonly Latencies _shed = new();
    private readonly Latencies _lags = new();
    private readonly List<Latencies> _bySecond = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _failed;
    private long _wrong;
    private long _calmed;

    public long Failed => Interlocked.Read(ref _failed);

    public long Wrong => Interlocked.Read(ref _wrong);

    public long Calmed => Interlocked.Read(ref _calmed);

    public long Answered => _answered.Count;

    public long Shed => _shed.Count;

    /// <summary>From the first call to the end of the last.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Calls answered a second.</summary>
    public double PerSecond => Elapsed > TimeSpan.Zero ? Answered / Elapsed.TotalSeconds : 0;

    /// <summary>Latencies of those that were answered.</summary>
    public Latencies Latencies => _answered;

    /// <summary>Counts a call.</summary>
    /// <param name="due">When it was to be made: from then on its caller waits.</param>
    /// <param name="result">What became of it.</param>
    public void Take(long due, CallResult result)
    {
        TimeSpan taken = Stopwatch.GetElapsedTime(due);
        switch (result)
        {
            case CallResult.Answered:
                _answered.Record(taken);
                SecondOf(due).Record(taken);
                break;
            case CallResult.Shed:
                _shed.Record(taken);
                break;
            case CallResult.Calmed:
                Interlocked.Increment(ref _calmed);
                break;
            case CallResult.Wrong:
                Interlocked.Increment(ref _wrong);
                break;
            default:
                Interlocked.Increment(ref _failed);
                break;
        }
    }

    /// <summary>Notes that the last call has ended.</summary>
    public void End() => Elapsed = Stopwatch.GetElapsedTime(_start);

    /// <summary>Notes how late a call was made, by the machine's fault.</summary>
    public void Lag(TimeSpan lag) => _lags.Record(lag);

    /// <summary>The lag that so many percent of the calls did not exceed.</summary>
    public TimeSpan LagAt(double percent) => _lags.At(percent);

    /// <summary>The latency that so many percent of the answered did not exceed.</summary>
    public TimeSpan AnsweredAt(double percent) => _answered.At(percent);

    /// <summary>Likewise of those that were shed.</summary>
    public TimeSpan ShedAt(double percent) => _shed.At(percent);

    /// <summary>Likewise of the answered calls of each second of the phase.</summary>
    public TimeSpan[] BySecond(double percent)
    {
        lock (_bySecond)
        {
            return [.. _bySecond.Select(second => second.At(percent))];
        }
    }

    private Latencies SecondOf(long due)
    {
        int second = (int)Math.Max(0, Stopwatch.GetElapsedTime(_start, due).TotalSeconds);
        lock (_bySecond)
        {
            while (_bySecond.Count <= second)
            {
                _bySecond.Add(new Latencies(2));
            }

            return _bySecond[second];
        }
    }
}
