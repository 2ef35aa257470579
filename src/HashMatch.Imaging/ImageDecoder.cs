using HashMatch.Pdq;

namespace HashMatch.Imaging;

/// <summary>Upload bytes to luma. Never throws on bad bytes; safe for concurrent use.</summary>
public sealed class ImageDecoder(ImageLimits limits)
{
    /// <summary>The limits in force.</summary>
    public ImageLimits Limits { get; } = limits;

    /// <summary>Decodes one upload on the calling thread.</summary>
    /// <param name="image">The file; not kept after the call.</param>
    /// <param name="fidelity">Fast takes a reduced decode where the format offers one; Reference full size.</param>
    /// <param name="cancellation">Ends the decode with <see cref="DecodeStatus.TimedOut"/>.</param>
    public DecodeResult Decode(
        ReadOnlyMemory<byte> image, PdqFidelity fidelity, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
