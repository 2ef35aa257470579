using System.Runtime.InteropServices;
using HashMatch.Pdq;

namespace HashMatch.Benchmarks.Paired;

/// <summary>The C++ reference, built as a shared library from a checkout; see bench/README.md.</summary>
internal sealed unsafe class ReferenceLibrary : IDisposable
{
    private const string HashSymbol =
        "_ZN8facebook3pdq7hashing23pdqHash256FromFloatLumaEPfS2_iiPA64_fS4_PA16_fRNS1_7Hash256ERi";

    private const string LumaSymbol = "_ZN8facebook3pdq7hashing20fillFloatLumaFromRGBEPhS2_S2_iiiiPf";

    private readonly nint _library;
    private readonly delegate* unmanaged<
        float*, float*, int, int, float*, float*, float*, ushort*, int*, void> _hash;

    private readonly delegate* unmanaged<byte*, byte*, byte*, int, int, int, int, float*, void> _luma;
    private readonly float* _block = (float*)NativeMemory.AlignedAlloc(3 * 64 * 64 * sizeof(float), 64);

    private ReferenceLibrary(nint library)
    {
        _library = library;
        _hash = (delegate* unmanaged<float*, float*, int, int, float*, float*, float*, ushort*, int*, void>)
            NativeLibrary.GetExport(library, HashSymbol);
        _luma = (delegate* unmanaged<byte*, byte*, byte*, int, int, int, int, float*, void>)
            NativeLibrary.GetExport(library, LumaSymbol);
    }

    /// <summary>The library; null without a path.</summary>
    /// <exception cref="DllNotFoundException">There is no such library.</exception>
    /// <exception cref="EntryPointNotFoundException">It is not the reference.</exception>
    public static ReferenceLibrary? Load(string? path) =>
        path is null ? null : new ReferenceLibrary(NativeLibrary.Load(Path.GetFullPath(path)));

    /// <summary>Interleaved RGB to luma.</summary>
    public void FillLuma(byte* rgb, int width, int height, float* luma) =>
        _luma(rgb, rgb + 1, rgb + 2, height, width, 3 * width, 3, luma);

    /// <summary>Luma to hash.</summary>
    /// <param name="luma">Overwritten.</param>
    /// <param name="scratch">As large.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public PdqHash Hash(float* luma, float* scratch, int width, int height)
    {
        ushort* words = stackalloc ushort[16];
        int quality;
        _hash(luma, scratch, height, width, _block, _block + 4096, _block + 8192, words, &quality);
        Span<byte> bytes = stackalloc byte[32];
        for (int i = 0; i < 16; i++)
        {
            // The reference writes the words from the last to the first.
            (bytes[2 * i], bytes[(2 * i) + 1]) = ((byte)(words[15 - i] >> 8), (byte)words[15 - i]);
        }

        return PdqHash.TryParse(Convert.ToHexStringLower(bytes), out PdqHash hash)
            ? hash
            : throw new InvalidOperationException("The reference's hash is no hash.");
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        NativeLibrary.Free(_library);
    }
}
