namespace HashMatch.Imaging.Jpeg;

/// <summary>One component of a frame (ITU T.81, B.2.2) and its geometry in blocks of 8 x 8.</summary>
internal sealed class JpegComponent
{
    /// <summary>The identifier that scans name it by.</summary>
    public required int Id { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    public required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    public required int V { get; init; }

    /// <summary>Which quantisation table, 0 to 3.</summary>
    public required int Table { get; init; }

    /// <summary>Its samples in a row.</summary>
    public required int Width { get; init; }

    /// <summary>Its samples in a column.</summary>
    public required int Height { get; init; }

    /// <summary>Blocks in a row, those included that only fill an MCU.</summary>
    public required int BlocksAcross { get; init; }

    /// <summary>Rows of blocks, those included that only fill an MCU.</summary>
    public required int BlocksDown { get; init; }

    /// <summary>Steps in zigzag order, as they were when its first scan began; null before.</summary>
    public int[]? Steps { get; set; }
}
