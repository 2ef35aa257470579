using HashMatch.Matching;

namespace HashMatch.Server.Recording;

/// <summary>A verdict with matches, on its way into the event log.</summary>
/// <param name="Verdict">Has matches, shadow ones included.</param>
/// <param name="Reference">The caller's own name for the upload; empty when not given.</param>
public readonly record struct MatchRecord(Verdict Verdict, string Reference)
{
    /// <summary>Events that it makes.</summary>
    public int EventCount => Verdict.Matches.Count + Verdict.ShadowMatches.Count + Verdict.Suppressed.Count;
}
