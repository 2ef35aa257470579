using System.Buffers.Binary;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>
/// One row as bytes, on its way into a segment: a header of 16 bytes (type, flags, four lengths, expiry in unix
/// seconds), the value, then classification, severity, external id and note in UTF-8. Little-endian.
/// </summary>
internal readonly ref struct PackedRow
{
    /// <summary>Bytes of the longest row that fits the limits of <see cref="HashEntry"/>.</summary>
    public const int MaxBytes = HeaderBytes + HashValue.MaxByteCount + HashEntry.MaxClassificationBytes
        + HashEntry.MaxSeverityBytes + HashEntry.MaxExternalIdBytes + HashEntry.MaxNoteBytes;

    /// <summary>The expiry of a row that has none.</summary>
    public const long NeverExpires = long.MinValue;

    private const int HeaderBytes = 16;
    private const byte TombstoneFlag = 1;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="source">Begins with a row; what lies behind it is left alone.</param>
    /// <exception cref="ArgumentException">It holds no whole row.</exception>
    public PackedRow(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderBytes || source[0] is < (byte)HashType.Pdq or > (byte)HashType.Sha256)
        {
            throw new ArgumentException("No row begins here.", nameof(source));
        }

        _bytes = source;
        int length = LabelStart + ClassificationLength + SeverityLength + ExternalIdLength + NoteLength;
        if (source.Length < length)
        {
            throw new ArgumentException("The row is cut off.", nameof(source));
        }

        _bytes = source[..length];
    }

    /// <summary>The whole row.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public HashType Type => (HashType)_bytes[0];

    public bool IsTombstone => (_bytes[1] & TombstoneFlag) != 0;

    /// <summary>Unix seconds, or <see cref="NeverExpires"/>.</summary>
    public long ExpiresAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes[8..]);

    public ReadOnlySpan<byte> ValueBytes => _bytes.Slice(HeaderBytes, HashValue.ByteCount(Type));

    public HashValue Value => HashValue.Read(ValueBytes);

    public EntryKey Key => new(Type, Value);

    public int ClassificationLength => _bytes[6];

    public int SeverityLength => _bytes[7];

    /// <summary>Classification and severity, one behind the other.</summary>
    public ReadOnlySpan<byte> Labels => _bytes.Slice(LabelStart, ClassificationLength + SeverityLength);

    public ReadOnlySpan<byte> ExternalId => _bytes.Slice(ExternalIdStart, ExternalIdLength);

    public ReadOnlySpan<byte> Note => _bytes.Slice(ExternalIdStart + ExternalIdLength, NoteLength);

    private int ExternalIdLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[2..]);

    private int NoteLength => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[4..]);

    private int LabelStart => HeaderBytes + HashValue.ByteCount(Type);

    private int ExternalIdStart => LabelStart + ClassificationLength + SeverityLength;

    /// <summary>Writes an entry that <see cref="EntryGuard"/> lets pass; returns the row's length.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    public static int Write(HashEntry entry, Span<byte> destination)
    {
        int at = HeaderBytes + HashValue.ByteCount(entry.Type);
        int classification = Encoding.UTF8.GetBytes(entry.Classification, destination[at..]);
        at += classification;
        int severity = Encoding.UTF8.GetBytes(entry.Severity, destination[at..]);
        at += severity;
        int externalId = Encoding.UTF8.GetBytes(entry.ExternalId, destination[at..]);
        at += externalId;
        int note = Encoding.UTF8.GetBytes(entry.Note, destination[at..]);
        WriteHeader(destination, entry.Type, 0, entry.ExpiresAt?.ToUnixTimeSeconds() ?? NeverExpires);
        WriteLengths(destination, checked((byte)classification), checked((byte)severity), externalId, note);
        entry.Value.Write(destination.Slice(HeaderBytes, HashValue.ByteCount(entry.Type)));
        return at + note;
    }

    /// <summary>Writes a row that removes a key; returns its length.</summary>
    public static int WriteTombstone(EntryKey key, Span<byte> destination)
    {
        int length = HeaderBytes + HashValue.ByteCount(key.Type);
        WriteHeader(destination, key.Type, TombstoneFlag, NeverExpires);
        WriteLengths(destination, 0, 0, 0, 0);
        key.Value.Write(destination[HeaderBytes..length]);
        return length;
    }

    /// <summary>Writes one row of a segment; returns its length.</summary>
    public static int Write(ListSegment segment, int row, Span<byte> destination)
    {
        EntryKey key = segment.KeyAt(row);
        if (segment.IsTombstone(row))
        {
            return WriteTombstone(key, destination);
        }

        ReadOnlySpan<byte> classification = segment.ClassificationBytes(row);
        ReadOnlySpan<byte> severity = segment.SeverityBytes(row);
        ReadOnlySpan<byte> externalId = segment.ExternalIdBytes(row);
        ReadOnlySpan<byte> note = segment.NoteBytes(row);
        WriteHeader(destination, key.Type, 0, segment.ExpirySeconds(row));
        WriteLengths(
            destination, (byte)classification.Length, (byte)severity.Length, externalId.Length, note.Length);
        int at = HeaderBytes + HashValue.ByteCount(key.Type);
        key.Value.Write(destination[HeaderBytes..at]);
        classification.CopyTo(destination[at..]);
        at += classification.Length;
        severity.CopyTo(destination[at..]);
        at += severity.Length;
        externalId.CopyTo(destination[at..]);
        at += externalId.Length;
        note.CopyTo(destination[at..]);
        return at + note.Length;
    }

    private static void WriteHeader(Span<byte> destination, HashType type, byte flags, long expiresAt)
    {
        destination[0] = (byte)type;
        destination[1] = flags;
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], expiresAt);
    }

    private static void WriteLengths(
        Span<byte> destination, byte classification, byte severity, int externalId, int note)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], checked((ushort)externalId));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], checked((ushort)note));
        destination[6] = classification;
        destination[7] = severity;
    }
}
