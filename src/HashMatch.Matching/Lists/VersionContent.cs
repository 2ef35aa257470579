using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <summary>The segments of one version in memory, with the rows that later segments override masked out.</summary>
public sealed class VersionContent
{
    private readonly SegmentView[] _segments;
    private readonly int _baseCount;

    private VersionContent(SegmentLayers layers, int baseCount)
    {
        _segments = layers.Views;
        _baseCount = baseCount;
        Counts = layers.Counts;
    }

    /// <summary>Entries that are in the version.</summary>
    public EntryCounts Counts { get; }

    /// <summary>Base segments in order of their keys, then deltas, oldest first.</summary>
    internal IReadOnlyList<SegmentView> Segments => _segments;

    /// <summary>Lays deltas over base segments.</summary>
    /// <exception cref="StoreCorruptException">Base segments overlap, are in disorder, or hold a tombstone.</exception>
    internal static VersionContent Create(
        IReadOnlyList<ListSegment> baseSegments, IReadOnlyList<ListSegment> deltas) =>
        new(SegmentLayers.Of(baseSegments, deltas), baseSegments.Count);

    /// <summary>
    /// The same as <see cref="Create"/>, out of an earlier version's masks where they share segments: the work is that
    /// of the deltas that are new.
    /// </summary>
    /// <param name="previous">Any version of the list; null when there is none.</param>
    /// <param name="baseSegments">Of the new version.</param>
    /// <param name="deltas">Of the new version.</param>
    /// <exception cref="StoreCorruptException">As of <see cref="Create"/>.</exception>
    internal static VersionContent CreateAfter(
        VersionContent? previous, IReadOnlyList<ListSegment> baseSegments, IReadOnlyList<ListSegment> deltas) =>
        previous is not null && previous.HasBase(baseSegments)
        && SegmentLayers.After(previous._segments, previous.Counts, previous._baseCount, deltas) is { } layers
            ? new VersionContent(layers, previous._baseCount)
            : Create(baseSegments, deltas);

    private bool HasBase(IReadOnlyList<ListSegment> segments)
    {
        if (segments.Count != _baseCount)
        {
            return false;
        }

        for (int i = 0; i < segments.Count; i++)
        {
            if (segments[i] != _segments[i].Segment)
            {
                return false;
            }
        }

        return true;
    }
}
