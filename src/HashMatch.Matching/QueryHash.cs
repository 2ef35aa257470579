using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>One hash of an upload, with what it is of.</summary>
/// <param name="Hash">The hash.</param>
/// <param name="Orientation">Of the upright picture.</param>
/// <param name="Quality">0 to 100.</param>
/// <param name="Frame">The frame of an animation, from 0; 0 for a still picture.</param>
/// <param name="Rendition">What was done to the pixels.</param>
public readonly record struct QueryHash(
    PdqHash Hash,
    Orientation Orientation,
    int Quality,
    int Frame = 0,
    QueryRendition Rendition = QueryRendition.Whole)
{
    /// <summary>Whether a list looks the hash up, its quality aside.</summary>
    public bool IsAcceptedBy(MatchPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Trim || Rendition != QueryRendition.Trimmed;
    }

    /// <summary>
    /// Whether every entry that this hash finds is found by an earlier one too, and named by that one.
    /// </summary>
    internal bool IsRepeatOf(in QueryHash earlier) =>
        Hash == earlier.Hash && Quality <= earlier.Quality && Place.CompareTo(earlier.Place) >= 0;

    /// <summary>Of hashes that are as near, the one that comes first says most.</summary>
    internal (QueryRendition Rendition, Orientation Orientation, int Frame) Place => (Rendition, Orientation, Frame);
}
