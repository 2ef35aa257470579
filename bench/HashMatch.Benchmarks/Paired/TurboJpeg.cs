using System.Runtime.InteropServices;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Debian's libturbojpeg0 by its C API (turbojpeg.h, version 2), where it is installed.</summary>
internal sealed unsafe partial class TurboJpeg : IDisposable
{
    public const int Rgb = 0;
    public const int Grey = 6;

    private const string Library = "libturbojpeg.so.0";
    private readonly nint _handle;

    private TurboJpeg(nint handle) => _handle = handle;

    /// <summary>The library; null where it is not installed.</summary>
    public static TurboJpeg? Load()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            return null;
        }

        nint handle = InitDecompress();
        return handle == 0 ? null : new TurboJpeg(handle);
    }

    /// <summary>Decodes to tightly packed pixels.</summary>
    /// <param name="jpeg">The file.</param>
    /// <param name="pixels">Where the pixels go.</param>
    /// <param name="width">Columns of one of the sizes that libjpeg scales to.</param>
    /// <param name="height">Rows of it.</param>
    /// <param name="format"><see cref="Rgb"/> or <see cref="Grey"/>.</param>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public void Decode(ReadOnlySpan<byte> jpeg, byte* pixels, int width, int height, int format)
    {
        fixed (byte* file = jpeg)
        {
            if (Decompress(_handle, file, (ulong)jpeg.Length, pixels, width, 0, height, format, 0) != 0)
            {
                throw new InvalidOperationException("libjpeg-turbo cannot decode the file.");
            }
        }
    }

    public void Dispose() => _ = Destroy(_handle);

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint handle,
        byte* jpeg,
        ulong length,
        byte* pixels,
        int width,
        int pitch,
        int height,
        int format,
        int flags);

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);
}
