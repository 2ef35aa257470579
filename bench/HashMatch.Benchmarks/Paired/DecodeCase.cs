using HashMatch.Imaging;
using HashMatch.Imaging.Headers;
using HashMatch.Imaging.Jpeg;
using HashMatch.Imaging.Png;
using HashMatch.Imaging.Vips;
using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Benchmarks.Paired;

/// <summary>One file, and the own way from its bytes to its hash.</summary>
internal sealed class DecodeCase : IDisposable
{
    private static readonly ImageLimits Limits = new() { MaxPixels = 1_000_000_000 };

    private readonly FoldSink _fold = new();
    private readonly NoSink _nothing = new();

    public DecodeCase(string name, byte[] file)
    {
        Name = name;
        File = file;
        Format = FormatSniffer.Sniff(file);
        Header = ImageHeader.Read(Format, file);
        bool isKnown = Format == ImageFormat.Jpeg ? JpegDecoder.CanDecode(Header)
            : Format == ImageFormat.Png && PngDecoder.CanDecode(file);
        Reduction = Format == ImageFormat.Jpeg ? DecodeReduction.Fast(Header.Width, Header.Height) : 1;
        IsOurs = isKnown && Decode(_nothing).Status == DecodeStatus.Ok;
    }

    public string Name { get; }

    public byte[] File { get; }

    public ImageFormat Format { get; }

    public ImageHeader Header { get; }

    /// <summary>1, 2, 4 or 8: what Fast fidelity decodes a JPEG at.</summary>
    public int Reduction { get; }

    /// <summary>Whether an own decoder takes the file to its end.</summary>
    public bool IsOurs { get; }

    /// <summary>Bytes to hash by the own decoder, its look at the header included.</summary>
    public PdqHash Hash()
    {
        _ = ImageHeader.Read(FormatSniffer.Sniff(File), File);
        Require(Decode(_fold));
        return _fold.Hash();
    }

    /// <summary>Bytes to luma by the own decoder, at the size that <see cref="Hash"/> takes.</summary>
    public void DecodeAlone() => Require(Decode(_nothing));

    /// <summary>A full decode by libvips.</summary>
    public Contender Vips()
    {
        Source? source = null;
        return new Contender(
            () =>
            {
                using Image image = VipsLibrary.Open(Format, source!, 1);
                using var rows = new VipsRows(image);
                for (int y = 0; y < rows.Height; y += rows.RowsAtOnce)
                {
                    rows.Read(y, Math.Min(rows.RowsAtOnce, rows.Height - y));
                }
            },
            () =>
            {
                // libvips gets a copy, which is not its time.
                source?.Dispose();
                source = Source.NewFromMemory(File.AsSpan());
            });
    }

    /// <summary>The hash and quality of all pixels as RGB, in the reference's order of operations.</summary>
    public PdqResult Exact()
    {
        using var source = Source.NewFromMemory(File.AsSpan());
        using Image image = VipsLibrary.Open(Format, source, 1);
        using var rows = new VipsRows(image);
        using Luma luma = Luma.Allocate(rows.Width, rows.Height);
        for (int y = 0; y < rows.Height; y++)
        {
            ReadOnlySpan<byte> row = rows.Read(y, 1);
            switch (rows.Channels)
            {
                case 1:
                    LumaConversion.FromGrey(row, luma.Row(y));
                    break;
                case 3:
                    LumaConversion.FromRgb(row, luma.Row(y));
                    break;
                default:
                    LumaConversion.FromRgba(row, luma.Row(y));
                    break;
            }
        }

        return PdqHasher.Hash(luma, PdqFidelity.Reference);
    }

    public void Dispose() => _fold.Dispose();

    private CodecResult Decode(IPictureSink sink) => Format == ImageFormat.Jpeg
        ? JpegDecoder.Decode(File, Reduction, Limits, sink, CancellationToken.None)
        : PngDecoder.Decode(File, Limits, sink, CancellationToken.None);

    private void Require(CodecResult result)
    {
        if (result.Status != DecodeStatus.Ok)
        {
            throw new InvalidOperationException($"{Name}: {result.Detail}");
        }
    }
}
