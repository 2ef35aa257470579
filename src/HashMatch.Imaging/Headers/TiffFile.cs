namespace HashMatch.Imaging.Headers;

/// <summary>Numbers out of a TIFF's bytes; null for whatever lies outside.</summary>
internal readonly ref struct TiffFile(ReadOnlySpan<byte> bytes, bool littleEndian, bool big)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly bool _littleEndian = littleEndian;
    private readonly bool _big = big;

    // Bytes of a value of each type.
    private static ReadOnlySpan<byte> Sizes => [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

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

        // By type, from BYTE (1) to IFD8 (18); values that fit lie in the entry itself.
        ulong size = type < (ulong)Sizes.Length ? Sizes[(int)type] : 0UL;
        ulong bytes = count > Length ? ulong.MaxValue : count * size;
        ulong position = bytes <= (ulong)wide ? at + 4 + (ulong)wide : value;
        bool isInside = position <= Length && bytes <= Length - position;
        bool isNumber = type is 1 or 3 or 4 or 13 or 16 or 18;
        return new TiffField((int)tag, isNumber ? (int)size : 0, count, isInside, position);
    }

    /// <summary>One value of a field.</summary>
    public ulong? Value(TiffField field, ulong index) =>
        field.ValueBytes == 0 || index >= field.Count || field.Position > Length || index > Length
            ? null
            : Number(field.Position + (index * (ulong)field.ValueBytes), field.ValueBytes);
}
