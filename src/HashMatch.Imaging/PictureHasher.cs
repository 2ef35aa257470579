using HashMatch.Imaging.Hashing;
using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>
/// Decoded rows to renditions: one pass over the file for the picture as it is and by its alpha, and one more where a
/// border was found, for the picture without it.
/// </summary>
internal static class PictureHasher
{
    /// <summary>Hashes one picture.</summary>
    /// <param name="decode">Runs the codec over the picture from its start, once a call.</param>
    /// <param name="options">Fidelity, and which renditions.</param>
    /// <param name="upright">What EXIF says must be done to the stored pixels.</param>
    /// <param name="frame">The number that the renditions carry.</param>
    /// <param name="renditions">Gets the renditions, the whole picture first; nothing unless the result is Ok.</param>
    /// <returns>The first pass's result that is not Ok, or Ok.</returns>
    public static CodecResult Hash(
        Func<IPictureSink, CodecResult> decode,
        HashOptions options,
        Orientation upright,
        int frame,
        ICollection<Rendition> renditions)
    {
        using var sink = new RenditionSink(options, upright);
        CodecResult result = decode(sink);
        if (result.Status != DecodeStatus.Ok)
        {
            return result;
        }

        var found = new List<Rendition>();
        sink.Hash(frame, RenditionKind.Whole, found);
        Border border = sink.Border;
        if (!border.IsEmpty)
        {
            using var trimmed = new RenditionSink(options with { Trim = false }, upright);
            result = decode(new CropSink(trimmed, border));
            if (result.Status != DecodeStatus.Ok)
            {
                return result;
            }

            trimmed.Hash(frame, RenditionKind.Trimmed, found);
        }

        foreach (Rendition rendition in found)
        {
            renditions.Add(rendition);
        }

        return result;
    }
}
