using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class ListSegmentTests
{
    [Fact]
    public void What_is_packed_is_read_back() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            List<HashEntry> entries = Entries(random, random.Next(1, 300));
            Dictionary<EntryKey, HashEntry> expected = entries.ToDictionary(Samples.KeyOf);
            List<ListSegment> segments = Contents.Segments(entries, null, random.Next(10_000, 64_000));
            List<HashEntry> read = [.. segments.SelectMany(s => Enumerable.Range(0, s.Rows).Select(s.EntryAt))];

            Assert.Equal(expected.Keys.Order(), read.Select(Samples.KeyOf));
            Assert.All(read, entry => Assert.Equal(expected[Samples.KeyOf(entry)], entry));
            foreach (ListSegment segment in segments)
            {
                for (int row = 0; row < segment.Rows; row++)
                {
                    Assert.Equal(row, segment.Find(segment.KeyAt(row)));
                    Assert.False(segment.IsTombstone(row));
                }
            }
        },
        iter: 60);

    [Fact]
    public void Keys_that_are_not_there_are_not_found() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            ListSegment segment = Contents.Segments(Entries(random, 100))[0];
            for (int i = 0; i < 100; i++)
            {
                HashType type = Samples.Type(random);
                Assert.Equal(-1, segment.Find(new EntryKey(type, Samples.Value(random, type))));
            }
        },
        iter: 20);

    [Fact]
    public void Tombstones_stand_between_entries()
    {
        Random random = new(3);
        List<HashEntry> entries = Entries(random, 50);
        List<EntryKey> removed = [.. Entries(random, 50).Select(Samples.KeyOf)];
        ListSegment segment = Assert.Single(Contents.Segments(entries, removed));
        Assert.Equal(100, segment.Rows);
        Assert.All(removed, key => Assert.True(segment.IsTombstone(segment.Find(key))));
        Assert.All(entries, entry => Assert.False(segment.IsTombstone(segment.Find(Samples.KeyOf(entry)))));
    }

    [Fact]
    public void Notes_are_left_out_unless_they_are_asked_for()
    {
        HashEntry entry = Samples.Entry(new Random(4), HashType.Pdq, "id") with { Note = "a note" };
        byte[] blob = Contents.Blobs([entry])[0];
        Assert.Equal("a note", ListSegment.Decode(blob, keepNotes: true).EntryAt(0).Note);
        Assert.Equal("", ListSegment.Decode(blob, keepNotes: false).EntryAt(0).Note);
        Assert.Equal("id", ListSegment.Decode(blob, keepNotes: false).ExternalId(0));
    }

    [Fact]
    public void No_changed_byte_passes_the_checksum()
    {
        byte[] blob = Contents.Blobs(Entries(new Random(5), 40))[0];
        SegmentRef expected = Reference(blob);
        Assert.Equal(40, ListSegment.Decode(blob, expected).Rows);
        for (int i = 0; i < blob.Length; i++)
        {
            blob[i] ^= 0x10;
            Assert.Throws<StoreCorruptException>(() => ListSegment.Decode(blob, expected));
            blob[i] ^= 0x10;
        }
    }

    [Fact]
    public void A_damaged_blob_is_refused_or_read_within_its_bounds_even_without_a_checksum() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            byte[] blob = Contents.Blobs(Entries(random, 30))[0];
            int changes = random.Next(1, 4);
            for (int i = 0; i < changes; i++)
            {
                blob[random.Next(2) == 0 ? random.Next(48) : random.Next(blob.Length)] = (byte)random.Next(256);
            }

            Assert.True(IsRefusedOrReadable(blob));
        },
        iter: 2000);

    [Fact]
    public void A_blob_that_is_cut_off_is_refused()
    {
        byte[] blob = Contents.Blobs(Entries(new Random(6), 20))[0];
        for (int length = 0; length < blob.Length; length++)
        {
            Assert.Throws<StoreCorruptException>(() => ListSegment.Decode(blob.AsSpan(0, length), true));
        }

        Assert.Throws<StoreCorruptException>(() => ListSegment.Decode([.. blob, 0], true));
    }

    [Fact]
    public void A_missing_blob_is_refused_by_name()
    {
        SegmentRef expected = Reference(Contents.Blobs(Entries(new Random(7), 3))[0]);
        StoreCorruptException e = Assert.Throws<StoreCorruptException>(() => ListSegment.Decode(null, expected));
        Assert.Contains(expected.Id, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_segment_stays_under_its_limit_and_wastes_little()
    {
        Random random = new(8);
        List<HashEntry> entries = [.. Enumerable.Range(0, 20_000)
            .Select(i => Samples.Entry(random, HashType.Pdq, $"case-{i}") with { Classification = "A1" })];
        List<byte[]> blobs = Contents.Blobs(entries, null, 256 * 1024);
        Assert.All(blobs, blob => Assert.True(blob.Length <= 256 * 1024));
        Assert.All(blobs[..^1], blob => Assert.True(blob.Length > 0.93 * 256 * 1024));
        Assert.Equal(20_000, blobs.Sum(blob => ListSegment.Decode(blob, false).Rows));
    }

    [Fact]
    public void As_many_labels_as_rows_are_kept_apart()
    {
        Random random = new(9);
        List<HashEntry> entries = [.. Enumerable.Range(0, 700).Select(i => Samples.Entry(random, HashType.Sha256) with
        {
            Classification = new string('c', i % 30),
            Severity = $"{i / 30}",
        })];
        ListSegment segment = Assert.Single(Contents.Segments(entries));
        Assert.All(entries, entry => Assert.Equal(entry, segment.EntryAt(segment.Find(Samples.KeyOf(entry)))));
    }

    private static SegmentRef Reference(byte[] blob)
    {
        ListSegment segment = ListSegment.Decode(blob, false);
        return new SegmentRef(
            new string('a', 32), segment.Rows, blob.Length, ListSegment.Checksum(blob), segment.First.ToString());
    }

    private static bool IsRefusedOrReadable(byte[] blob)
    {
        try
        {
            ListSegment segment = ListSegment.Decode(blob, true);
            for (int row = 0; row < segment.Rows; row++)
            {
                segment.EntryAt(row);
            }

            return true;
        }
        catch (StoreCorruptException)
        {
            return true;
        }
    }

    private static List<HashEntry> Entries(Random random, int count) => [.. Enumerable.Range(0, count).Select(i =>
        Samples.Entry(random, Samples.Type(random), random.Next(3) == 0 ? "" : Text(random)) with
        {
            Classification = random.Next(2) == 0 ? "A1" : Text(random),
            Severity = random.Next(2) == 0 ? "" : "high",
            ExpiresAt = random.Next(4) == 0 ? DateTimeOffset.FromUnixTimeSeconds(random.Next()) : null,
            Note = random.Next(5) == 0 ? string.Concat(Enumerable.Repeat(Text(random), random.Next(20))) : "",
        })];

    private static string Text(Random random) => Texts.Zoo[random.Next(Texts.Zoo.Length)];
}
