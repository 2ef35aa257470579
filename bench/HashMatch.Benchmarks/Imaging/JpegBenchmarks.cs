using BenchmarkDotNet.Attributes;
using HashMatch.Benchmarks.Paired;
using HashMatch.Benchmarks.Peers;
using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Benchmarks.Imaging;

/// <summary>
/// A JPEG's bytes to luma at Fast fidelity's size, and on to the hash, beside libjpeg-turbo's grey decode of the same
/// size and libvips' whole decode. The pictures are noise with a photograph's spectrum (see
/// <see cref="NoisePictures"/>): quality 85 gives 1.2 to 1.8 bits a pixel.
/// </summary>
[MemoryDiagnoser]
public class JpegBenchmarks
{
    private readonly ImageLimits _limits = new();
    private readonly RowCount _rows = new();
    private readonly Fold _fold = new(new TentAccumulator());
    private readonly TurboJpeg? _turbo = TurboJpeg.Load();
    private byte[] _file = [];
    private byte[] _grey = [];
    private int _width;
    private int _height;
    private int _reduction;

    [Params("4000x3000", "1920x1080", "816x612", "4000x3000 progressive")]
    public string Picture { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        string[] words = Picture.Split('x', ' ');
        (_width, _height) = (int.Parse(words[0], null), int.Parse(words[1], null));
        _file = NoisePictures.Jpeg(_width, _height, quality: 85, isProgressive: words.Length > 2);
        _reduction = DecodeReduction.Fast(_width, _height);
        _grey = new byte[(_width + 1) * (_height + 1)];
    }

    [Benchmark(Baseline = true)]
    public int Decode()
    {
        CodecResult result = JpegDecoder.Decode(_file, _reduction, _limits, _rows, CancellationToken.None);
        return result.Status == DecodeStatus.Ok ? _rows.Count : throw new InvalidOperationException(result.Detail);
    }

    [Benchmark]
    public DihedralHashes BytesToHash()
    {
        _ = ImageHeader.Read(ImageFormat.Jpeg, _file);
        _ = JpegDecoder.Decode(_file, _reduction, _limits, _fold, CancellationToken.None);
        return _fold.Hash();
    }

    [Benchmark]
    [Peer(PeerKind.TurboJpeg)]
    public unsafe void TurboGrey()
    {
        fixed (byte* grey = _grey)
        {
            _turbo!.Decode(
                _file,
                grey,
                (_width + _reduction - 1) / _reduction,
                (_height + _reduction - 1) / _reduction,
                TurboJpeg.Grey);
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _turbo?.Dispose();

    [Benchmark]
    public int VipsFull()
    {
        using Image image = Image.JpegloadBuffer(_file);
        return image.WriteToMemory<byte>().Length;
    }

    private sealed class RowCount : IPictureSink
    {
        public int Count { get; private set; }

        public void Start(in PictureShape shape) => Count = 0;

        public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha) => Count++;
    }

    // A hash gives the accumulator's memory back.
    private sealed class Fold(TentAccumulator accumulator) : IPictureSink
    {
        public void Start(in PictureShape shape) => accumulator.Start(
            shape.Width, shape.Height, shape.SourceWidth, shape.SourceHeight, shape.ScaleX, shape.ScaleY);

        public void Add(ReadOnlySpan<float> luma, ReadOnlySpan<byte> alpha) => accumulator.Add(luma);

        public DihedralHashes Hash() => accumulator.HashDihedral();
    }
}
