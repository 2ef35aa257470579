using HashMatch.Imaging.Headers;

namespace HashMatch.Imaging.Jpeg;

/// <summary>
/// Decodes the luma of a JPEG (ITU T.81) straight into a sink: baseline, extended sequential and progressive Huffman
/// coding, 8 bits, grey, YCbCr or RGB. Chroma is parsed where it lies between luma, and never reconstructed.
/// </summary>
internal static class JpegDecoder
{
    /// <summary>Whether a file is of the kind that is decoded here.</summary>
    public static bool CanDecode(in ImageHeader header) =>
        header.Status == DecodeStatus.Ok && header.JpegKind is JpegKind.Sequential or JpegKind.Progressive;

    /// <summary>Decodes one picture. Never throws on bad bytes; the same bytes give the same rows.</summary>
    /// <param name="image">The file.</param>
    /// <param name="reduction">
    /// 1, 2, 4 or 8. At 1 luma is the Y plane as libjpeg has it; else each sample is the mean of the pixels under it,
    /// not rounded, and what is too fine for it is not read.
    /// </param>
    /// <param name="limits">Size and work.</param>
    /// <param name="sink">Gets the rows; part of them too when the result is not Ok.</param>
    /// <param name="cancellation">Ends the decode with <see cref="DecodeStatus.TimedOut"/>.</param>
    /// <param name="twins">When a scan is read at two places; is told whether it was.</param>
    /// <exception cref="ArgumentOutOfRangeException">The reduction is not one of the four.</exception>
    public static CodecResult Decode(
        ReadOnlySpan<byte> image,
        int reduction,
        ImageLimits limits,
        IPictureSink sink,
        CancellationToken cancellation,
        TwinUse? twins = null)
    {
        if (reduction is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "Not 1, 2, 4 or 8.");
        }

        using JpegTables tables = JpegTables.Rent();
        var file = new JpegFile(image, tables, reduction, limits, sink, twins, cancellation);
        try
        {
            JpegProblem? problem = file.Read();
            return problem is null ? CodecResult.Ok : new CodecResult(problem.Status, problem.Detail);
        }
        catch (OutOfMemoryException)
        {
            return new CodecResult(DecodeStatus.DecoderFailed, "There is no memory.");
        }
        finally
        {
            file.Dispose();
        }
    }
}
