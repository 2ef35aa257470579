using System.Buffers.Binary;
using System.IO.Hashing;

namespace HashMatch.Matching.Lists;

/// <summary>Packs rows, which come in ascending order of their keys, into the blob of one segment.</summary>
internal sealed class ListSegmentBuilder
{
    /// <summary>
    /// Bytes of the largest blob: a little under 2 MiB, because Redis's allocator rounds what is above up by a quarter.
    /// </summary>
    public const int MaxBytes = (2 * 1024 * 1024) - (16 * 1024);

    private const int MaxLabels = ushort.MaxValue + 1;

    private readonly int _maxBytes;
    private readonly Dictionary<UInt128, int> _labelIndices = [];
    private readonly List<int> _labelRows = [];
    private readonly int[] _counts = new int[5];
    private byte[] _rows = new byte[64 * 1024];
    private int[] _starts = new int[1024];
    private int[] _rowLabels = new int[1024];
    private int _used;
    private int _valueBytes;
    private int _dictionaryBytes;
    private int _externalIdBytes;
    private int _noteBytes;
    private ushort _flags;

    /// <param name="maxBytes">Smaller in tests.</param>
    public ListSegmentBuilder(int maxBytes = MaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 2 * PackedRow.MaxBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxBytes, MaxBytes);
        _maxBytes = maxBytes;
    }

    /// <summary>Rows taken so far.</summary>
    public int Rows { get; private set; }

    /// <summary>The first row's key.</summary>
    public EntryKey First => RowAt(0).Key;

    /// <summary>Takes a row, unless the blob would grow over its limit: then false, and nothing changed.</summary>
    /// <exception cref="ArgumentException">The key is not above the last one.</exception>
    public bool TryAdd(PackedRow row)
    {
        if (Rows > 0 && row.Key <= RowAt(Rows - 1).Key)
        {
            throw new ArgumentException("Rows come in ascending order of their keys.", nameof(row));
        }

        UInt128 hash = XxHash128.HashToUInt128(row.Labels, row.ClassificationLength);
        bool known = _labelIndices.TryGetValue(hash, out int label) && SameLabels(row, RowAt(_labelRows[label]));
        ushort flags = (ushort)(_flags | FlagsOf(row));
        int values = _valueBytes + row.ValueBytes.Length;
        int dictionary = _dictionaryBytes + (known ? 0 : row.Labels.Length + 2);
        int size = SegmentLayout.HeaderBytes + values + dictionary + _externalIdBytes + row.ExternalId.Length
            + _noteBytes + row.Note.Length + ((Rows + 1) * BytesBesideValue(flags));
        if (size > _maxBytes || (!known && _labelRows.Count == MaxLabels))
        {
            return false;
        }

        if (!known)
        {
            // Two labels of one hash: the later one is written again at each of its rows, which is long but right.
            label = _labelRows.Count;
            _labelRows.Add(Rows);
            _labelIndices.TryAdd(hash, label);
        }

        Append(row, label);
        (_flags, _valueBytes, _dictionaryBytes) = (flags, values, dictionary);
        _externalIdBytes += row.ExternalId.Length;
        _noteBytes += row.Note.Length;
        _counts[(int)row.Type]++;
        return true;
    }

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedBytes => Layout().TotalBytes;

    /// <summary>Writes the blob and forgets the rows.</summary>
    /// <param name="blob">Exactly <see cref="EncodedBytes"/>.</param>
    public void Encode(Span<byte> blob)
    {
        SegmentLayout layout = Layout();
        ArgumentOutOfRangeException.ThrowIfNotEqual(blob.Length, layout.TotalBytes);
        blob.Clear();
        layout.Write(blob);
        WriteValues(layout, blob);
        WriteFlaggedColumns(layout, blob);
        WriteLabels(layout, blob);
        WriteTexts(layout, blob);
        Clear();
    }

    private SegmentLayout Layout() => new()
    {
        Flags = _flags,
        Pdq = _counts[(int)HashType.Pdq],
        Md5 = _counts[(int)HashType.Md5],
        Sha1 = _counts[(int)HashType.Sha1],
        Sha256 = _counts[(int)HashType.Sha256],
        Labels = _labelRows.Count,
        DictionaryBytes = _dictionaryBytes,
        ExternalIdBytes = _externalIdBytes,
        NoteBytes = _noteBytes,
    };

    private void WriteValues(SegmentLayout layout, Span<byte> blob)
    {
        Span<byte> words = blob[SegmentLayout.HeaderBytes..layout.DigestStart];
        int column = layout.Pdq * sizeof(ulong);
        for (int i = 0; i < layout.Pdq; i++)
        {
            HashValue value = RowAt(i).Value;
            Span<byte> at = words[(i * sizeof(ulong))..];
            BinaryPrimitives.WriteUInt64LittleEndian(at, value.A);
            BinaryPrimitives.WriteUInt64LittleEndian(at[column..], value.B);
            BinaryPrimitives.WriteUInt64LittleEndian(at[(2 * column)..], value.C);
            BinaryPrimitives.WriteUInt64LittleEndian(at[(3 * column)..], value.D);
        }

        Span<byte> digests = blob[layout.DigestStart..layout.TombstoneStart];
        for (int i = layout.Pdq; i < Rows; i++)
        {
            ReadOnlySpan<byte> value = RowAt(i).ValueBytes;
            value.CopyTo(digests);
            digests = digests[value.Length..];
        }
    }

    private void WriteFlaggedColumns(SegmentLayout layout, Span<byte> blob)
    {
        Span<byte> tombstones = blob[layout.TombstoneStart..layout.ExpiryStart];
        Span<byte> expiries = blob[layout.ExpiryStart..layout.LabelIndexStart];
        for (int i = 0; i < Rows; i++)
        {
            PackedRow row = RowAt(i);
            if (row.IsTombstone)
            {
                tombstones[i / 8] |= (byte)(1 << (i % 8));
            }

            if (layout.Has(SegmentLayout.ExpiriesFlag))
            {
                BinaryPrimitives.WriteInt64LittleEndian(expiries[(i * 8)..], row.ExpiresAt);
            }
        }
    }

    private void WriteLabels(SegmentLayout layout, Span<byte> blob)
    {
        Span<byte> indices = blob[layout.LabelIndexStart..layout.DictionaryStart];
        for (int i = 0; i < Rows; i++)
        {
            if (layout.LabelWidth == 1)
            {
                indices[i] = (byte)_rowLabels[i];
            }
            else if (layout.LabelWidth == 2)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(indices[(i * 2)..], (ushort)_rowLabels[i]);
            }
        }

        Span<byte> dictionary = blob[layout.DictionaryStart..layout.ExternalIdLengthStart];
        foreach (int first in _labelRows)
        {
            PackedRow row = RowAt(first);
            int classification = row.ClassificationLength;
            dictionary[0] = (byte)classification;
            row.Labels[..classification].CopyTo(dictionary[1..]);
            dictionary[1 + classification] = (byte)row.SeverityLength;
            row.Labels[classification..].CopyTo(dictionary[(2 + classification)..]);
            dictionary = dictionary[(2 + row.Labels.Length)..];
        }
    }

    private void WriteTexts(SegmentLayout layout, Span<byte> blob)
    {
        Span<byte> idLengths = blob[layout.ExternalIdLengthStart..layout.ExternalIdStart];
        Span<byte> ids = blob[layout.ExternalIdStart..layout.NoteLengthStart];
        Span<byte> noteLengths = blob[layout.NoteLengthStart..layout.NoteStart];
        Span<byte> notes = blob[layout.NoteStart..];
        for (int i = 0; i < Rows; i++)
        {
            PackedRow row = RowAt(i);
            if (layout.Has(SegmentLayout.ExternalIdsFlag))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(idLengths[(i * 2)..], (ushort)row.ExternalId.Length);
                row.ExternalId.CopyTo(ids);
                ids = ids[row.ExternalId.Length..];
            }

            if (layout.Has(SegmentLayout.NotesFlag))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(noteLengths[(i * 2)..], (ushort)row.Note.Length);
                row.Note.CopyTo(notes);
                notes = notes[row.Note.Length..];
            }
        }
    }

    private static ushort FlagsOf(PackedRow row) => (ushort)(
        (row.IsTombstone ? SegmentLayout.TombstonesFlag : 0)
        | (row.ExpiresAt != PackedRow.NeverExpires ? SegmentLayout.ExpiriesFlag : 0)
        | (row.ExternalId.Length > 0 ? SegmentLayout.ExternalIdsFlag : 0)
        | (row.Note.Length > 0 ? SegmentLayout.NotesFlag : 0));

    // A whole byte for the tombstone's bit and two for the label: never less than what is written.
    private static int BytesBesideValue(ushort flags) =>
        3 + ((flags & SegmentLayout.ExpiriesFlag) != 0 ? 8 : 0)
        + ((flags & SegmentLayout.ExternalIdsFlag) != 0 ? 2 : 0)
        + ((flags & SegmentLayout.NotesFlag) != 0 ? 2 : 0);

    private static bool SameLabels(PackedRow left, PackedRow right) =>
        left.ClassificationLength == right.ClassificationLength && left.Labels.SequenceEqual(right.Labels);

    private PackedRow RowAt(int index) => new(_rows.AsSpan(_starts[index], _used - _starts[index]));

    private void Append(PackedRow row, int label)
    {
        if (_used + row.Bytes.Length > _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(_rows.Length * 2, _used + row.Bytes.Length));
        }

        if (Rows == _starts.Length)
        {
            Array.Resize(ref _starts, Rows * 2);
            Array.Resize(ref _rowLabels, Rows * 2);
        }

        row.Bytes.CopyTo(_rows.AsSpan(_used));
        _starts[Rows] = _used;
        _rowLabels[Rows] = label;
        _used += row.Bytes.Length;
        Rows++;
    }

    private void Clear()
    {
        (Rows, _used, _valueBytes, _dictionaryBytes, _externalIdBytes, _noteBytes, _flags) = (0, 0, 0, 0, 0, 0, 0);
        _labelIndices.Clear();
        _labelRows.Clear();
        Array.Clear(_counts);
    }
}
