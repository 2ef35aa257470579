using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Matching;

/// <summary>Segments, contents and indexes of entries, without a store.</summary>
internal static class Contents
{
    /// <summary>Entries, and keys that are removed, packed into as few segments as they need.</summary>
    public static List<byte[]> Blobs(
        IEnumerable<HashEntry> entries, IEnumerable<EntryKey>? removed = null, int segmentBytes = 64 * 1024)
    {
        RowBuffer rows = new(16 * 1024 * 1024);
        foreach (HashEntry entry in entries)
        {
            Assert.True(rows.TryAdd(entry));
        }

        foreach (EntryKey key in removed ?? [])
        {
            Assert.True(rows.TryAddTombstone(key));
        }

        rows.Sort();
        ListSegmentBuilder builder = new(segmentBytes);
        List<byte[]> blobs = [];
        for (int i = 0; i < rows.Count; i++)
        {
            if (!builder.TryAdd(rows[i]))
            {
                blobs.Add(Encode(builder));
                Assert.True(builder.TryAdd(rows[i]));
            }
        }

        if (builder.Rows > 0)
        {
            blobs.Add(Encode(builder));
        }

        return blobs;
    }

    public static List<ListSegment> Segments(
        IEnumerable<HashEntry> entries, IEnumerable<EntryKey>? removed = null, int segmentBytes = 64 * 1024) =>
        [.. Blobs(entries, removed, segmentBytes).Select(blob => ListSegment.Decode(blob, keepNotes: true))];

    public static VersionContent Of(IEnumerable<HashEntry> entries) => VersionContent.Create(Segments(entries), []);

    public static IndexedList List(string name, MatchPolicy policy, params IEnumerable<HashEntry> entries) =>
        new(name, 1, policy, Of(entries));

    public static HashIndex Index(params IReadOnlyList<IndexedList> lists) => HashIndex.Build(1, lists);

    private static byte[] Encode(ListSegmentBuilder builder)
    {
        byte[] blob = new byte[builder.EncodedBytes];
        builder.Encode(blob);
        return blob;
    }
}
