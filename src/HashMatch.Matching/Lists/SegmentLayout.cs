using System.Buffers.Binary;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Where things are in a segment's blob. A header of 48 bytes, little-endian: magic "HMSG", format (u16), flags (u16),
/// rows by type (4 x u32), labels (u32), bytes of the label dictionary, of the external ids, of the notes (u32 each),
/// bytes of a label index (u32: 0, 1 or 2), zero (u32). Then, without padding: PDQ values in four columns of 64-bit
/// words, most significant word first; MD5, SHA-1 and SHA-256 values as bytes; a bitmap of tombstones; expiries in unix
/// seconds (i64); label indices; the dictionary (u8 length and bytes of classification, then of severity); external
/// ids as lengths (u16) and bytes; notes likewise, last so that they can be left out of memory. A section whose flag is
/// not set is not there.
/// </summary>
internal readonly record struct SegmentLayout
{
    public const int HeaderBytes = 48;
    public const ushort Format = 1;
    public const ushort TombstonesFlag = 1;
    public const ushort ExpiriesFlag = 2;
    public const ushort ExternalIdsFlag = 4;
    public const ushort NotesFlag = 8;
    public const uint Magic = 0x47534D48;

    private const ushort KnownFlags = TombstonesFlag | ExpiriesFlag | ExternalIdsFlag | NotesFlag;

    public required ushort Flags { get; init; }

    public required int Pdq { get; init; }

    public required int Md5 { get; init; }

    public required int Sha1 { get; init; }

    public required int Sha256 { get; init; }

    /// <summary>Pairs of classification and severity.</summary>
    public required int Labels { get; init; }

    public required int DictionaryBytes { get; init; }

    public required int ExternalIdBytes { get; init; }

    public required int NoteBytes { get; init; }

    public int Rows => Pdq + Md5 + Sha1 + Sha256;

    /// <summary>Bytes of a label index.</summary>
    public int LabelWidth => Labels switch
    {
        1 => 0,
        <= 256 => 1,
        _ => 2,
    };

    public int DigestStart => HeaderBytes + (Pdq * 32);

    public int TombstoneStart => DigestStart + (Md5 * 16) + (Sha1 * 20) + (Sha256 * 32);

    public int ExpiryStart => TombstoneStart + (Has(TombstonesFlag) ? (Rows + 7) / 8 : 0);

    public int LabelIndexStart => ExpiryStart + (Has(ExpiriesFlag) ? Rows * 8 : 0);

    public int DictionaryStart => LabelIndexStart + (Rows * LabelWidth);

    public int ExternalIdLengthStart => DictionaryStart + DictionaryBytes;

    public int ExternalIdStart => ExternalIdLengthStart + (Has(ExternalIdsFlag) ? Rows * 2 : 0);

    public int NoteLengthStart => ExternalIdStart + ExternalIdBytes;

    public int NoteStart => NoteLengthStart + (Has(NotesFlag) ? Rows * 2 : 0);

    /// <summary>Bytes of the blob.</summary>
    public int TotalBytes => NoteStart + NoteBytes;

    public bool Has(ushort flag) => (Flags & flag) != 0;

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Format);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], Flags);
        Span<int> numbers =
            [Pdq, Md5, Sha1, Sha256, Labels, DictionaryBytes, ExternalIdBytes, NoteBytes, LabelWidth, 0];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(8 + (i * 4))..], numbers[i]);
        }
    }

    /// <summary>Reads a header; null when the blob cannot be a segment of this format.</summary>
    public static SegmentLayout? Read(ReadOnlySpan<byte> blob)
    {
        if (blob.Length is < HeaderBytes or > ListSegmentBuilder.MaxBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(blob) != Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(blob[4..]) != Format)
        {
            return null;
        }

        Span<int> numbers = stackalloc int[10];
        for (int i = 0; i < numbers.Length; i++)
        {
            // No count can pass the blob's length, so no sum of products below overflows.
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(blob[(8 + (i * 4))..]);
            if (numbers[i] < 0 || numbers[i] > blob.Length)
            {
                return null;
            }
        }

        SegmentLayout layout = new()
        {
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(blob[6..]),
            Pdq = numbers[0],
            Md5 = numbers[1],
            Sha1 = numbers[2],
            Sha256 = numbers[3],
            Labels = numbers[4],
            DictionaryBytes = numbers[5],
            ExternalIdBytes = numbers[6],
            NoteBytes = numbers[7],
        };
        return (layout.Flags & ~KnownFlags) == 0
            && layout.Rows > 0
            && layout.Labels is > 0 and <= ushort.MaxValue + 1
            && numbers[8] == layout.LabelWidth
            && numbers[9] == 0
            && layout.TotalBytes == blob.Length ? layout : null;
    }
}
