using System.Runtime.InteropServices;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>libjpeg-turbo's own API out of Debian's libturbojpeg0, where it is installed: a yardstick.</summary>
internal static unsafe partial class TurboJpeg
{
    private const string Library = "libturbojpeg.so.0";
    private const int Grey = 6;

    private static readonly nint Handle = IsPresent ? InitDecompress() : 0;

    /// <summary>Whether the library can be loaded.</summary>
    public static bool IsPresent => NativeLibrary.TryLoad(Library, out _);

    /// <summary>Decodes the luma of a JPEG, reduced by DCT scaling.</summary>
    /// <exception cref="InvalidOperationException">The library is absent, or cannot decode the file.</exception>
    public static void DecodeGrey(byte[] file, int width, int height, int reduction, byte[] grey)
    {
        if (Handle == 0)
        {
            throw new InvalidOperationException($"{Library} is not installed (apt-get install libturbojpeg0).");
        }

        int across = (width + reduction - 1) / reduction;
        int down = (height + reduction - 1) / reduction;
        ArgumentOutOfRangeException.ThrowIfLessThan(grey.Length, across * down);
        fixed (byte* source = file)
        fixed (byte* target = grey)
        {
            if (Decompress(Handle, source, (ulong)file.Length, target, across, across, down, Grey, 0) != 0)
            {
                throw new InvalidOperationException($"{Library} cannot decode the file.");
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint handle,
        byte* file,
        ulong length,
        byte* target,
        int width,
        int pitch,
        int height,
        int format,
        int flags);
}
