using System.Buffers.Binary;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>
/// An immutable run of rows, sorted by key, packed into one blob of just under 2 MiB: values in columns by type, then
/// the labels. Notes are read from the store when asked for and are not held here.
/// </summary>
public sealed partial class ListSegment
{
    private const int IdsPerBlock = 64;

    private readonly SegmentLayout _layout;

    // Four columns of PDQ words, most significant first.
    private readonly ulong[] _words;

    // The blob from the digests on; without the notes unless they were asked for.
    private readonly byte[] _body;
    private readonly int[] _labelStarts;

    // Where the external id of every 64th row begins.
    private readonly int[] _idStarts;

    // Where every 64th note begins; empty when notes are not held.
    private readonly int[] _noteStarts;

    private ListSegment(
        SegmentLayout layout, ulong[] words, byte[] body, int[] labelStarts, int[] idStarts, int[] noteStarts)
    {
        _layout = layout;
        _words = words;
        _body = body;
        _labelStarts = labelStarts;
        _idStarts = idStarts;
        _noteStarts = noteStarts;
    }

    /// <summary>Rows, tombstones included.</summary>
    public int Rows => _layout.Rows;

    /// <summary>Rows that hold a PDQ hash; they come first.</summary>
    public int PdqRows => _layout.Pdq;

    /// <summary>Four columns of <see cref="PdqRows"/> words, most significant word first.</summary>
    internal ReadOnlySpan<ulong> PdqWords => _words;

    internal bool HasTombstones => _layout.Has(SegmentLayout.TombstonesFlag);

    internal EntryKey First => KeyAt(0);

    internal EntryKey Last => KeyAt(Rows - 1);

    /// <summary>Rows of one type.</summary>
    public int Count(HashType type) => type switch
    {
        HashType.Pdq => _layout.Pdq,
        HashType.Md5 => _layout.Md5,
        HashType.Sha1 => _layout.Sha1,
        HashType.Sha256 => _layout.Sha256,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>What a row holds.</summary>
    public HashType TypeAt(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return row < _layout.Pdq ? HashType.Pdq
            : row < _layout.Pdq + _layout.Md5 ? HashType.Md5
            : row < Rows - _layout.Sha256 ? HashType.Sha1
            : HashType.Sha256;
    }

    /// <summary>The type and value of a row.</summary>
    public EntryKey KeyAt(int row)
    {
        HashType type = TypeAt(row);
        return new EntryKey(
            type, type == HashType.Pdq ? PdqAt(row) : HashValue.Read(Digest(type, row - Start(type))));
    }

    /// <summary>The value of a row below <see cref="PdqRows"/>.</summary>
    internal HashValue PdqAt(int row)
    {
        int count = _layout.Pdq;
        return new HashValue(_words[row], _words[count + row], _words[(2 * count) + row], _words[(3 * count) + row]);
    }

    /// <summary>The source's own identifier.</summary>
    public string ExternalId(int row) => Encoding.UTF8.GetString(ExternalIdBytes(row));

    public string Classification(int row) => Encoding.UTF8.GetString(ClassificationBytes(row));

    public string Severity(int row) => Encoding.UTF8.GetString(SeverityBytes(row));

    /// <summary>After this time the row no longer matches; null for never.</summary>
    public DateTimeOffset? ExpiresAt(int row)
    {
        long seconds = ExpirySeconds(row);
        return seconds == PackedRow.NeverExpires ? null : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    /// <summary>Whether a row only removes its key from earlier segments.</summary>
    internal bool IsTombstone(int row) =>
        _layout.Has(SegmentLayout.TombstonesFlag)
        && (Section(_layout.TombstoneStart)[row / 8] & (1 << (row % 8))) != 0;

    internal long ExpirySeconds(int row) =>
        _layout.Has(SegmentLayout.ExpiriesFlag)
            ? BinaryPrimitives.ReadInt64LittleEndian(Section(_layout.ExpiryStart)[(row * 8)..])
            : PackedRow.NeverExpires;

    /// <summary>Whether those who share the entry disagree about it.</summary>
    internal bool IsDisputed(int row) => ClassificationBytes(row).SequenceEqual("DISPUTED"u8);

    internal ReadOnlySpan<byte> ClassificationBytes(int row)
    {
        ReadOnlySpan<byte> label = Section(_layout.DictionaryStart)[_labelStarts[LabelIndex(row)]..];
        return label.Slice(1, label[0]);
    }

    internal ReadOnlySpan<byte> SeverityBytes(int row)
    {
        ReadOnlySpan<byte> label = Section(_layout.DictionaryStart)[_labelStarts[LabelIndex(row)]..];
        label = label[(1 + label[0])..];
        return label.Slice(1, label[0]);
    }

    internal ReadOnlySpan<byte> ExternalIdBytes(int row) =>
        _layout.Has(SegmentLayout.ExternalIdsFlag)
            ? Text(Section(_layout.ExternalIdLengthStart), Section(_layout.ExternalIdStart), _idStarts, row)
            : [];

    /// <summary>The note; empty when the segment was decoded without notes.</summary>
    internal ReadOnlySpan<byte> NoteBytes(int row) =>
        _noteStarts.Length > 0
            ? Text(Section(_layout.NoteLengthStart), Section(_layout.NoteStart), _noteStarts, row)
            : [];

    /// <summary>The row as an entry, with its note when notes are held.</summary>
    internal HashEntry EntryAt(int row)
    {
        EntryKey key = KeyAt(row);
        return new HashEntry
        {
            Type = key.Type,
            Value = key.Value,
            ExternalId = ExternalId(row),
            Classification = Classification(row),
            Severity = Severity(row),
            ExpiresAt = ExpiresAt(row),
            Note = Encoding.UTF8.GetString(NoteBytes(row)),
        };
    }

    /// <summary>The row of a key; -1 when there is none.</summary>
    internal int Find(EntryKey key)
    {
        int low = Start(key.Type);
        int high = low + Count(key.Type) - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = KeyAt(middle).Value.CompareTo(key.Value);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private int Start(HashType type) => type switch
    {
        HashType.Pdq => 0,
        HashType.Md5 => _layout.Pdq,
        HashType.Sha1 => _layout.Pdq + _layout.Md5,
        HashType.Sha256 => Rows - _layout.Sha256,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private ReadOnlySpan<byte> Digest(HashType type, int index)
    {
        int start = type switch
        {
            HashType.Md5 => 0,
            HashType.Sha1 => _layout.Md5 * 16,
            _ => (_layout.Md5 * 16) + (_layout.Sha1 * 20),
        };
        int bytes = HashValue.ByteCount(type);
        return _body.AsSpan(start + (index * bytes), bytes);
    }

    private int LabelIndex(int row)
    {
        ReadOnlySpan<byte> indices = Section(_layout.LabelIndexStart);
        return _layout.LabelWidth switch
        {
            0 => 0,
            1 => indices[row],
            _ => BinaryPrimitives.ReadUInt16LittleEndian(indices[(row * 2)..]),
        };
    }

    private ReadOnlySpan<byte> Section(int start) => _body.AsSpan(start - _layout.DigestStart);

    private static ReadOnlySpan<byte> Text(
        ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> texts, int[] starts, int row)
    {
        int start = starts[row / IdsPerBlock];
        for (int i = row / IdsPerBlock * IdsPerBlock; i < row; i++)
        {
            start += BinaryPrimitives.ReadUInt16LittleEndian(lengths[(i * 2)..]);
        }

        return texts.Slice(start, BinaryPrimitives.ReadUInt16LittleEndian(lengths[(row * 2)..]));
    }
}
