using HashMatch.Matching.Lists;

namespace HashMatch.Benchmarks.Matching;

/// <summary>Segments as a replica holds them, without a store.</summary>
internal static class PackedSegments
{
    /// <summary>Sorts rows and packs them into as few segments as they need.</summary>
    public static List<ListSegment> Of(RowBuffer rows)
    {
        rows.Sort();
        ListSegmentBuilder builder = new();
        List<ListSegment> segments = [];
        for (int i = 0; i < rows.Count; i++)
        {
            if (!builder.TryAdd(rows[i]))
            {
                segments.Add(Encode(builder));
                builder.TryAdd(rows[i]);
            }
        }

        segments.Add(Encode(builder));
        return segments;
    }

    /// <summary>The blob of a segment of one entry: an edit.</summary>
    public static byte[] Blob(HashEntry entry)
    {
        RowBuffer rows = new(4 * PackedRow.MaxBytes);
        rows.TryAdd(entry);
        ListSegmentBuilder builder = new();
        builder.TryAdd(rows[0]);
        return Blob(builder);
    }

    /// <summary>Segments in one, the later ones overriding.</summary>
    public static ListSegment Merge(IReadOnlyList<ListSegment> segments)
    {
        byte[] row = new byte[PackedRow.MaxBytes];
        ListSegmentBuilder builder = new();
        foreach ((ListSegment segment, int place) in SegmentMerge.Rows(segments))
        {
            builder.TryAdd(new PackedRow(row.AsSpan(0, PackedRow.Write(segment, place, row))));
        }

        return Encode(builder);
    }

    private static byte[] Blob(ListSegmentBuilder builder)
    {
        byte[] blob = new byte[builder.EncodedBytes];
        builder.Encode(blob);
        return blob;
    }

    private static ListSegment Encode(ListSegmentBuilder builder) =>
        ListSegment.Decode(Blob(builder), keepNotes: false);
}
