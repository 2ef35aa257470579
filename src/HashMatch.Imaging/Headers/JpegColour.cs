namespace HashMatch.Imaging.Headers;

/// <summary>What a JPEG's application segments say of its colours and of which side is up.</summary>
internal struct JpegColour
{
    private bool _hasJfif;
    private int? _adobeTransform;

    /// <summary>The EXIF block's offset within its segment.</summary>
    public const int ExifOffset = 6;

    /// <summary>Takes note of APP0 and APP14; other segments are passed over.</summary>
    public void See(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker == 0xE0 && segment.Length >= 14 && segment.StartsWith("JFIF\0"u8))
        {
            _hasJfif = true;
        }
        else if (marker == 0xEE && segment.Length >= 12 && segment.StartsWith("Adobe"u8))
        {
            _adobeTransform = segment[11];
        }
    }

    /// <summary>Whether three components are red, green and blue and not YCbCr, as libjpeg judges it.</summary>
    public readonly bool IsRgb(byte first, byte second, byte third) => this switch
    {
        { _hasJfif: true } => false,
        { _adobeTransform: int transform } => transform == 0,
        _ => (first, second, third) == ((byte)'R', (byte)'G', (byte)'B'),
    };

    /// <summary>Whether a segment is an EXIF block.</summary>
    public static bool IsExif(byte marker, ReadOnlySpan<byte> segment) =>
        marker == 0xE1 && segment.StartsWith("Exif\0\0"u8);
}
