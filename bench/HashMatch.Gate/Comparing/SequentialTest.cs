namespace HashMatch.Gate.Comparing;

/// <summary>
/// Decides one metric round by round, with more rounds when it is undecided. A false alarm may come of any look, so
/// each has its share of their probability (Bonferroni). That a metric is fine needs less certainty: it only ends the
/// measuring, and a metric that stays undecided passes too.
/// </summary>
/// <param name="limit">The ratio that is too much, over 1.</param>
/// <param name="plan">The looks.</param>
/// <param name="falseAlarm">Probability that it says Worse, at most, of a metric that is at the limit.</param>
internal sealed class SequentialTest(double limit, LookPlan plan, double falseAlarm)
{
    private const double FineTail = 0.025;

    private readonly List<double> _logarithms = [];

    /// <summary>What was found; final once it is decided.</summary>
    public Finding Finding { get; private set; }

    /// <summary>Rounds so far.</summary>
    public int Rounds => _logarithms.Count;

    /// <summary>The ratio that is too much.</summary>
    public double Limit => limit;

    /// <summary>Where the ratio is, with the certainty that an alarm needs; null before the second round.</summary>
    public RatioInterval? Interval => Rounds < 2
        ? null
        : RatioInterval.Of(_logarithms, falseAlarm / plan.Looks);

    /// <summary>Takes one round's ratio of change to base.</summary>
    public void Add(double ratio)
    {
        _logarithms.Add(Math.Log(ratio));
        if (Finding == Finding.Undecided && plan.IsLook(Rounds))
        {
            Finding = Interval!.Value.Low > limit ? Finding.Worse
                : RatioInterval.Of(_logarithms, FineTail).High < limit ? Finding.Fine
                : Finding.Undecided;
        }
    }
}
