using System.Runtime.InteropServices;
using HashMatch.Imaging.Headers;

namespace HashMatch.Benchmarks.Paired;

/// <summary>
/// What others do with a JPEG: libjpeg-turbo, and the C++ reference on its pixels. Buffers are made once.
/// </summary>
internal sealed unsafe class TurboPipeline : IDisposable
{
    private readonly TurboJpeg _turbo;
    private readonly byte[] _file;
    private readonly int _width;
    private readonly int _height;
    private readonly byte* _pixels;
    private readonly float* _luma;
    private readonly float* _scratch;

    public TurboPipeline(TurboJpeg turbo, byte[] file, in ImageHeader header)
    {
        (_turbo, _file, _width, _height) = (turbo, file, header.Width, header.Height);
        nuint count = (nuint)_width * (nuint)_height;
        _pixels = (byte*)NativeMemory.AlignedAlloc(3 * count, 64);
        _luma = (float*)NativeMemory.AlignedAlloc(sizeof(float) * count, 64);
        _scratch = (float*)NativeMemory.AlignedAlloc(sizeof(float) * count, 64);
    }

    /// <summary>RGB at full size, luma, and the reference's PDQ.</summary>
    public void Hash(ReferenceLibrary reference)
    {
        _turbo.Decode(_file, _pixels, _width, _height, TurboJpeg.Rgb);
        reference.FillLuma(_pixels, _width, _height, _luma);
        reference.Hash(_luma, _scratch, _width, _height);
    }

    /// <summary>Grey, reduced as libjpeg does.</summary>
    /// <param name="reduction">1, 2, 4 or 8.</param>
    public void DecodeGrey(int reduction) => _turbo.Decode(
        _file,
        _pixels,
        (_width + reduction - 1) / reduction,
        (_height + reduction - 1) / reduction,
        TurboJpeg.Grey);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_pixels);
        NativeMemory.AlignedFree(_luma);
        NativeMemory.AlignedFree(_scratch);
    }
}
