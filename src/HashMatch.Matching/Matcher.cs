using HashMatch.Matching.Index;

namespace HashMatch.Matching;

/// <summary>Decides: looks a query up in an index and turns candidates into a verdict by each list's policy.</summary>
public sealed class Matcher(MatcherOptions options, TimeProvider time)
{
    private readonly MatcherOptions _options = options;
    private readonly TimeProvider _time = time;

    /// <summary>The verdict on one query. Pure but for the clock and the verdict's id.</summary>
    public Verdict Decide(HashIndex index, MatchQuery query) => throw new NotSupportedException();
}
