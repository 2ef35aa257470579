using System.Runtime.InteropServices;
using NetVips;

namespace HashMatch.Imaging.Vips;

/// <summary>
/// Pixels out of a region of libvips into an array of the caller's. The binding's own way makes a new array of each
/// strip, which stays in the heap.
/// </summary>
internal static class VipsStrips
{
    private static readonly byte[] Zeros = new byte[16 * 1024];
    private static readonly FetchFunction? NativeFetch;
    private static readonly FreeFunction? NativeFree;

    static VipsStrips()
    {
        string name = OperatingSystem.IsWindows() ? "libvips-42.dll"
            : OperatingSystem.IsMacOS() ? "libvips.42.dylib" : "libvips.so.42";
        if (NativeLibrary.TryLoad(name, typeof(Region).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "vips_region_fetch", out nint fetch)
            && NativeLibrary.TryGetExport(library, "g_free", out nint free))
        {
            NativeFetch = Marshal.GetDelegateForFunctionPointer<FetchFunction>(fetch);
            NativeFree = Marshal.GetDelegateForFunctionPointer<FreeFunction>(free);
        }
    }

    private delegate nint FetchFunction(nint region, int left, int top, int width, int height, out nuint size);

    private delegate void FreeFunction(nint memory);

    /// <summary>Copies rows.</summary>
    /// <param name="region">Of an open picture.</param>
    /// <param name="top">The first row.</param>
    /// <param name="width">All columns.</param>
    /// <param name="rowCount">Rows.</param>
    /// <param name="strip">Gets them; long enough.</param>
    /// <exception cref="VipsException">The pixels cannot be decoded.</exception>
    public static void Read(Region region, int top, int width, int rowCount, byte[] strip)
    {
        if (NativeFetch is null)
        {
            byte[] fetched = region.Fetch(0, top, width, rowCount);
            fetched.CopyTo(strip, 0);
            Array.Clear(fetched);
            return;
        }

        nint pixels = NativeFetch(region.DangerousGetHandle(), 0, top, width, rowCount, out nuint size);
        GC.KeepAlive(region);
        if (pixels == 0)
        {
            throw new VipsException("unable to fetch from region");
        }

        try
        {
            Marshal.Copy(pixels, strip, 0, checked((int)size));
        }
        finally
        {
            for (int at = 0; at < (int)size; at += Zeros.Length)
            {
                Marshal.Copy(Zeros, 0, pixels + at, Math.Min(Zeros.Length, (int)size - at));
            }

            NativeFree!(pixels);
        }
    }
}
