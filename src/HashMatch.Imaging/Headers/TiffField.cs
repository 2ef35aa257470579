namespace HashMatch.Imaging.Headers;

/// <summary>One entry of a TIFF directory.</summary>
/// <param name="Tag">What it holds.</param>
/// <param name="ValueBytes">Bytes of one value: 1, 2, 4 or 8; 0 for a type that is not an unsigned integer.</param>
/// <param name="Count">Number of values.</param>
/// <param name="IsInside">Whether all of the values lie in the file, whatever their type.</param>
/// <param name="Position">Where the values lie in the file.</param>
internal readonly record struct TiffField(int Tag, int ValueBytes, ulong Count, bool IsInside, ulong Position);
