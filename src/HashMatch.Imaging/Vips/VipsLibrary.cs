using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>
/// libvips, set up once for hostile bytes: no cache, one thread, no warnings, and no loader but the six that are named.
/// </summary>
internal static class VipsLibrary
{
    // libvips warns on the console, with text out of the file: a log that holds no upload must not get it.
    private static readonly Log.LogDelegate Silence = (_, _, _) => { };

    private static readonly Lazy<string?> Problem = new(SetUp, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Null when the library is ready; what keeps it from being used otherwise.</summary>
    public static string? WhyNot => Problem.Value;

    /// <summary>
    /// Opens a file with the loader of its format; pixels are decoded as they are read, from the top down.
    /// </summary>
    /// <param name="format">The format that the bytes have.</param>
    /// <param name="source">The file.</param>
    /// <param name="reduction">JPEG: 1, 2, 4 or 8; WebP: any factor from 1; others: 1.</param>
    /// <param name="allFrames">GIF and WebP: every frame, below one another; the first otherwise.</param>
    /// <exception cref="VipsException">The header cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not a format that is decoded.</exception>
    public static Image Open(ImageFormat format, Source source, double reduction, bool allFrames = false)
    {
        // Over 100 MB libvips writes pixels to a temporary file: for random access always, and where a loader cannot
        // go from the top down (WebP) unless it is told to stay in memory. A truncated picture is an
        // error, never half a hash.
        const Enums.Access access = Enums.Access.Sequential;
        const Enums.FailOn failOn = Enums.FailOn.Truncated;
        const bool memory = true;
        int frames = allFrames ? -1 : 1;
        return format switch
        {
            ImageFormat.Jpeg => Image.JpegloadSource(
                source, shrink: (int)reduction, memory: memory, access: access, failOn: failOn),
            ImageFormat.Png => Image.PngloadSource(source, memory: memory, access: access, failOn: failOn),
            ImageFormat.WebP => Image.WebploadSource(
                source, page: 0, n: frames, scale: 1 / reduction, memory: memory, access: access, failOn: failOn),
            ImageFormat.Gif => Image.GifloadSource(
                source, page: 0, n: frames, memory: memory, access: access, failOn: failOn),
            ImageFormat.Tiff => Image.TiffloadSource(
                source, page: 0, n: 1, memory: memory, access: access, failOn: failOn),
            ImageFormat.Avif => Image.HeifloadSource(
                source, page: 0, n: 1, memory: memory, access: access, failOn: failOn),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    private static string? SetUp()
    {
        try
        {
            foreach (string domain in (string[])["VIPS", "GLib", "GLib-GObject"])
            {
                Log.SetLogHandler(domain, Enums.LogLevelFlags.All, Silence);
            }

            NetVips.NetVips.BlockUntrusted = true;
            Operation.Block("VipsForeignLoad", true);
            foreach (string loader in (string[])["Jpeg", "Png", "Webp", "Nsgif", "Tiff", "Heif"])
            {
                Operation.Block($"VipsForeignLoad{loader}Source", false);
            }

            Cache.Max = 0;
            Cache.MaxMem = 0;
            Cache.MaxFiles = 0;
            NetVips.NetVips.Concurrency = 1;
            return null;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or VipsException)
        {
            return Details.NoLibrary;
        }
    }
}
