namespace HashMatch.Imaging;

/// <summary>The size of a picture whose rows are to come, perhaps of a reduced decode.</summary>
internal readonly record struct PictureShape
{
    /// <summary>Floats in a row, 1 to <see cref="SourceWidth"/>.</summary>
    public required int Width { get; init; }

    /// <summary>Rows to come, 1 to <see cref="SourceHeight"/>.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of the full-size picture.</summary>
    public required int SourceWidth { get; init; }

    /// <summary>Rows of the full-size picture.</summary>
    public required int SourceHeight { get; init; }

    /// <summary>Full-size columns that a stored one covers, 1 or more; the last covers what is left.</summary>
    public double ScaleX { get; init; } = 1;

    /// <summary>The same of rows.</summary>
    public double ScaleY { get; init; } = 1;

    /// <summary>Rows come with their alpha.</summary>
    public bool HasAlpha { get; init; }

    public PictureShape()
    {
    }
}
