using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>Decoded rows to renditions, in as many passes over the file as they take.</summary>
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
        using var sink = new LumaSink();
        CodecResult result = decode(sink);
        if (result.Status != DecodeStatus.Ok)
        {
            return result;
        }

        using Luma turned = sink.Luma!.Turned(upright);
        renditions.Add(new Rendition(
            frame,
            RenditionKind.Whole,
            PdqHasher.HashDihedral(turned, options.Fidelity),
            PdqHasher.HashDihedral(sink.Luma, options.Fidelity)));
        return result;
    }
}
