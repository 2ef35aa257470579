namespace HashMatch.Matching.Index;

/// <summary>A part, and what the writer knows of it.</summary>
internal sealed class HeldPart(IndexPart part)
{
    public IndexPart Part { get; } = part;

    /// <summary>Live segments by their PDQ rows, gathered for the next snapshot.</summary>
    public List<LiveSegment> Pdq { get; } = [];

    /// <summary>Live segments by their digest rows, likewise.</summary>
    public List<LiveSegment> Digests { get; } = [];

    /// <summary>Rows of segments that some list uses.</summary>
    public long LiveRows { get; set; }

    /// <summary>Whether a merge that is under way reads its segments.</summary>
    public bool IsMerging { get; set; }

    /// <summary>All rows, those of dead segments too.</summary>
    public long Rows => (long)Part.PdqRows + Part.DigestRows;

    /// <summary>Forgets what was gathered for the last snapshot.</summary>
    public void BeginGathering()
    {
        Pdq.Clear();
        Digests.Clear();
        LiveRows = 0;
    }

    /// <summary>What was gathered, in the order that a look-up needs.</summary>
    public SnapshotPart ToSnapshot() => new(Part, Sorted(Pdq), Sorted(Digests));

    private static LiveSegments Sorted(List<LiveSegment> live)
    {
        LiveSegment[] segments = [.. live];
        for (int i = 1; i < segments.Length; i++)
        {
            // Lists are mostly gathered in the order in which they were placed.
            if (segments[i].Start < segments[i - 1].Start)
            {
                Array.Sort(segments, (left, right) => left.Start.CompareTo(right.Start));
                break;
            }
        }

        return new LiveSegments(segments);
    }
}
