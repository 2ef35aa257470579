namespace HashMatch.Imaging.Jpeg;

/// <summary>Why a JPEG cannot be decoded.</summary>
/// <param name="Status">Not Ok.</param>
/// <param name="Detail">One sentence for a person.</param>
internal sealed record JpegProblem(DecodeStatus Status, string Detail)
{
    public static readonly JpegProblem EndsEarly =
        new(DecodeStatus.Truncated, "The JPEG's data end before the picture does.");

    public static readonly JpegProblem BrokenCode =
        new(DecodeStatus.Corrupt, "The JPEG's data are not of its Huffman tables.");

    public static readonly JpegProblem TimedOut =
        new(DecodeStatus.TimedOut, Details.TimedOut);

    public static readonly JpegProblem TooMuchWork =
        new(DecodeStatus.TooManyPixels, Details.TooManyScans);

    public static JpegProblem Corrupt(string detail) => new(DecodeStatus.Corrupt, detail);
}
