namespace HashMatch.Imaging.Headers;

/// <summary>What decodes a JPEG.</summary>
internal enum JpegKind
{
    /// <summary>Not a JPEG.</summary>
    None,

    /// <summary>One that this project leaves to libvips: arithmetic, CMYK, RGB in pieces.</summary>
    Other,

    /// <summary>Baseline or extended sequential, Huffman-coded, 8 bits; grey, YCbCr or RGB.</summary>
    Sequential,

    /// <summary>The same, progressive.</summary>
    Progressive,
}
