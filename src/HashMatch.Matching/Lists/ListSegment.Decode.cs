using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Unicode;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Lists;

/// <content>Blob to segment: every count, length and order is checked before a row is believed.</content>
public sealed partial class ListSegment
{
    /// <summary>Reads a blob that a manifest names.</summary>
    /// <param name="blob">Its bytes; null when the store has none.</param>
    /// <param name="expected">What the manifest says of it.</param>
    /// <param name="keepNotes">Whether notes are held too.</param>
    /// <param name="withDigest">Whether its digest is looked at beside its checksum.</param>
    /// <exception cref="StoreCorruptException">It is missing, or not what the manifest says.</exception>
    internal static ListSegment Decode(
        byte[]? blob, SegmentRef expected, bool keepNotes = false, bool withDigest = true)
    {
        Verify(blob, expected, withDigest);
        ListSegment segment = Decode(blob, keepNotes);
        if (segment.Rows != expected.Rows)
        {
            throw Corrupt("holds another number of rows than its manifest says");
        }

        return segment;
    }

    /// <summary>Checks a blob's length, checksum and digest only.</summary>
    /// <exception cref="StoreCorruptException">It is missing, or not what the manifest says.</exception>
    internal static void Verify(
        [System.Diagnostics.CodeAnalysis.NotNull] byte[]? blob, SegmentRef expected, bool withDigest = true)
    {
        if (blob is null)
        {
            throw new StoreCorruptException($"Segment {expected.Id} is missing.");
        }

        string? difference = blob.Length != expected.Bytes ? "length"
            : Checksum(blob) != expected.Checksum ? "checksum"
            : withDigest && expected.Digest is { } digest && AuditRecord.DigestOf(blob) != digest ? "SHA-256"
            : null;
        if (difference is not null)
        {
            throw new StoreCorruptException($"Segment {expected.Id} is not what was written: its {difference}.");
        }
    }

    /// <summary>XxHash128 in hex.</summary>
    internal static string Checksum(ReadOnlySpan<byte> blob) =>
        Convert.ToHexStringLower(XxHash128.Hash(blob));

    /// <summary>Reads a blob without knowing what it should be.</summary>
    /// <exception cref="StoreCorruptException">It is no segment of a known format, or not whole.</exception>
    internal static ListSegment Decode(ReadOnlySpan<byte> blob, bool keepNotes)
    {
        if (SegmentLayout.Read(blob) is not { } layout)
        {
            throw Corrupt("is cut off or of an unknown format");
        }

        CheckFlaggedColumns(layout, blob);
        int[] labels = ReadLabels(layout, blob);
        int[] ids = ReadStarts(
            blob[layout.ExternalIdLengthStart..layout.ExternalIdStart],
            blob[layout.ExternalIdStart..layout.NoteLengthStart]);
        int[] notes = ReadStarts(blob[layout.NoteLengthStart..layout.NoteStart], blob[layout.NoteStart..]);
        ListSegment segment = new(
            layout,
            ReadWords(layout, blob),
            blob[layout.DigestStart..(keepNotes ? layout.TotalBytes : layout.NoteLengthStart)].ToArray(),
            labels,
            ids,
            keepNotes ? notes : []);
        segment.CheckOrder();
        return segment;
    }

    private static StoreCorruptException Corrupt(string what) => new($"A segment {what}.");

    private static ulong[] ReadWords(SegmentLayout layout, ReadOnlySpan<byte> blob)
    {
        ulong[] words = GC.AllocateUninitializedArray<ulong>(layout.Pdq * 4);
        ReadOnlySpan<byte> source = blob[SegmentLayout.HeaderBytes..layout.DigestStart];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(source[(i * sizeof(ulong))..]);
        }

        return words;
    }

    private static void CheckFlaggedColumns(SegmentLayout layout, ReadOnlySpan<byte> blob)
    {
        ReadOnlySpan<byte> tombstones = blob[layout.TombstoneStart..layout.ExpiryStart];
        if (tombstones.Length > 0 && layout.Rows % 8 != 0 && tombstones[^1] >> (layout.Rows % 8) != 0)
        {
            throw Corrupt("marks rows that it does not hold");
        }

        ReadOnlySpan<byte> expiries = blob[layout.ExpiryStart..layout.LabelIndexStart];
        for (; expiries.Length > 0; expiries = expiries[8..])
        {
            long seconds = BinaryPrimitives.ReadInt64LittleEndian(expiries);
            if (seconds != PackedRow.NeverExpires
                && (seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds()
                    || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
            {
                throw Corrupt("holds an expiry that is no time");
            }
        }
    }

    private static int[] ReadLabels(SegmentLayout layout, ReadOnlySpan<byte> blob)
    {
        ReadOnlySpan<byte> dictionary = blob[layout.DictionaryStart..layout.ExternalIdLengthStart];
        int[] starts = new int[layout.Labels];
        int at = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            for (int part = 0; part < 2; part++)
            {
                if (at >= dictionary.Length || at + 1 + dictionary[at] > dictionary.Length
                    || !Utf8.IsValid(dictionary.Slice(at + 1, dictionary[at])))
                {
                    throw Corrupt("has a broken label");
                }

                at += 1 + dictionary[at];
            }
        }

        if (at != dictionary.Length)
        {
            throw Corrupt("has bytes behind its labels");
        }

        CheckLabelIndices(layout, blob[layout.LabelIndexStart..layout.DictionaryStart]);
        return starts;
    }

    private static void CheckLabelIndices(SegmentLayout layout, ReadOnlySpan<byte> indices)
    {
        for (int i = 0; i < indices.Length; i += layout.LabelWidth)
        {
            int index = layout.LabelWidth == 1 ? indices[i] : BinaryPrimitives.ReadUInt16LittleEndian(indices[i..]);
            if (index >= layout.Labels)
            {
                throw Corrupt("names a label that it does not hold");
            }
        }
    }

    private static int[] ReadStarts(ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> texts)
    {
        int rows = lengths.Length / 2;
        int[] starts = new int[(rows + IdsPerBlock - 1) / IdsPerBlock];
        int at = 0;
        for (int i = 0; i < rows; i++)
        {
            if (i % IdsPerBlock == 0)
            {
                starts[i / IdsPerBlock] = at;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(lengths[(i * 2)..]);
            if (length > texts.Length - at)
            {
                throw Corrupt("has a text that runs over its end");
            }

            at += length;
        }

        if (at != texts.Length || !Utf8.IsValid(texts))
        {
            throw Corrupt("has texts that are not UTF-8 or not as long as their lengths say");
        }

        return starts;
    }

    private void CheckOrder()
    {
        EntryKey last = KeyAt(0);
        for (int row = 1; row < Rows; row++)
        {
            EntryKey key = KeyAt(row);
            if (key <= last)
            {
                throw Corrupt("is not in order");
            }

            last = key;
        }
    }
}
