namespace HashMatch.Imaging;

/// <summary>
/// Takes decoded pictures row by row, so that no full-size picture need exist. A picture that fails in the middle is
/// forgotten with the next <see cref="Start"/>.
/// </summary>
internal interface IPictureSink
{
    /// <summary>Begins a picture.</summary>
    void Start(in PictureShape shape);

    /// <summary>Takes the next row, from the top down.</summary>
    /// <param name="luma">0 to 255, as PDQ's reference weighs it, alpha not applied; exactly the shape's width.</param>
    /// <param name="alpha">0 clear to 255 opaque, one a pixel; empty unless the shape has alpha.</param>
    void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha);
}
