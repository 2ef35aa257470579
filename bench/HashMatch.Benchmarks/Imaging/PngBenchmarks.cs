using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Paired;
using NetVips;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>A 4 MP PNG's bytes to hash, beside libvips' decode alone, by the filter that it was written with.</summary>
[MemoryDiagnoser]
public class PngBenchmarks
{
    private DecodeCase? _picture;
    private Contender? _vips;

    /// <summary>All is what libpng chooses for photographs: a filter a row.</summary>
    [Params(
        Enums.ForeignPngFilter.All,
        Enums.ForeignPngFilter.None,
        Enums.ForeignPngFilter.Sub,
        Enums.ForeignPngFilter.Up,
        Enums.ForeignPngFilter.Avg,
        Enums.ForeignPngFilter.Paeth)]
    public Enums.ForeignPngFilter Filter { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _picture = Picture(Filter);
        _vips = _picture.Vips();
    }

    [GlobalCleanup]
    public void CleanUp() => _picture!.Dispose();

    [Benchmark(Baseline = true)]
    public void BytesToHash() => _picture!.Hash();

    [Benchmark]
    public void BytesToLuma() => _picture!.DecodeAlone();

    [Benchmark]
    public void VipsDecodeAlone()
    {
        _vips!.Prepare!();
        _vips.Run();
    }

    private static DecodeCase Picture(Enums.ForeignPngFilter filter)
    {
        using Image image = Image.NewFromMemory(
            NoisePictures.Rgb(2464, 1632, 1), 2464, 1632, 3, Enums.BandFormat.Uchar);
        using Image typed = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return new DecodeCase("PNG", typed.PngsaveBuffer(filter: filter));
    }
}
