namespace HashMatch.Imaging.Headers;

/// <summary>Numbers out of a TIFF's bytes; null for whatever lies outside.</summary>
internal readonly ref struct TiffFile(ReadOnlySpan<byte> bytes, bool littleEndian, bool big)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly bool _littleEndian = littleEndian;
    private readonly bool _big = big;

    /// <summary>Bytes of the file.</summary>
    public ulong Length => (ulong)_bytes.Length;

    /// <summary>An unsigned number of 1 to 8 bytes.</summary>
    public ulong? Number(ulong at, int byteCount)
    {
        if (at > Length || Length - at < (ulong)byteCount)
        {
            return null;
        }

        ReadOnlySpan<byte> source = _bytes.Slice((int)at, byteCount);
        ulong number = 0;
        for (int i = 0; i < byteCount; i++)
        {
            number = (number << 8) | source[_littleEndian ? byteCount - 1 - i : i];
        }

        return number;
    }

    /// <summary>The directory entry at an offset.</summary>
    public TiffField? Field(ulong at)
    {
        int wide = _big ? 8 : 4;
        if (Number(at, 2) is not ulong tag || Number(at + 2, 2) is not ulong type
            || Number(at + 4, wide) is not ulong count || Number(at + 4 + (ulong)wide, wide) is not ulong value)
        {
            return null;
        }

        // BYTE, SHORT, LONG, IFD, LONG8, IFD8; values that fit lie in the entry itself.
        int valueBytes = type switch { 1 => 1, 3 => 2, 4 or 13 => 4, 16 or 18 => 8, _ => 0 };
        bool inside = count <= (ulong)wide && count * (ulong)valueBytes <= (ulong)wide;
        return new TiffField((int)tag, valueBytes, count, inside ? at + 4 + (ulong)wide : value);
    }

    /// <summary>One value of a field.</summary>
    public ulong? Value(TiffField field, ulong index) =>
        field.ValueBytes == 0 || index >= field.Count || field.Position > Length || index > Length
            ? null
            : Number(field.Position + (index * (ulong)field.ValueBytes), field.ValueBytes);
}
