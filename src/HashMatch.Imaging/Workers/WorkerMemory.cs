using HashMatch.Imaging.Headers;
using HashMatch.Pdq;

namespace HashMatch.Imaging.Workers;

/// <summary>How much memory a worker may have in use for a request.</summary>
internal static class WorkerMemory
{
    /// <summary>Bytes of a warm worker and what small pictures take.</summary>
    public const long Idle = 256L * 1024 * 1024;

    // A decoder's own planes, libvips's pixels, and with Reference fidelity the luma, turned, and its filter's buffer.
    private const int FastBytesPerPixel = 16;
    private const int ReferenceBytesPerPixel = 28;

    // The file, its copy for libvips, and what is on the pipe.
    private const int Copies = 4;

    /// <summary>
    /// The limit of one request: by what the header claims, or by the most that is allowed where it says nothing.
    /// </summary>
    public static long Of(ImageHeader header, WorkerRequest request)
    {
        long claimed = (long)header.Width * header.Height;
        int bytes = request.Options.Fidelity == PdqFidelity.Fast ? FastBytesPerPixel : ReferenceBytesPerPixel;
        return Idle + (bytes * (claimed > 0 ? claimed : request.Limits.MaxPixels)) + ((long)Copies * header.Length);
    }

    /// <summary>The most that a request of these limits can be allowed.</summary>
    public static long Most(ImageLimits limits) =>
        Idle + (ReferenceBytesPerPixel * limits.MaxPixels) + ((long)Copies * limits.MaxImageBytes);
}
