using HashMatch.Benchmarks.Imaging;
using HashMatch.Imaging;
using HashMatch.Imaging.Vips;
using NetVips;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Upload bytes to hash against other decoders.</summary>
internal sealed class DecodePairs(ReferenceLibrary? reference, TurboJpeg? turbo, int rounds)
{
    private const string WholePeer = "libjpeg-turbo RGB + C++ reference";
    private const string GreyPeer = "libjpeg-turbo grey at the same scale, decode alone";
    private const string VipsPeer = "NetVips full decode alone";

    private const int MinQuality = 50;

    private const string NoReference = "no reference library";
    private const string NoTurbo = "no libturbojpeg0";

    /// <summary>The pictures that the goals name.</summary>
    public void Run()
    {
        if (VipsLibrary.WhyNot is string problem)
        {
            throw new InvalidOperationException(problem);
        }

        PairedTable.Head("Upload bytes to hash, one thread (ratio: the peer's time / ours)");
        Jpeg("JPEG 12 MP", 4000, 3000, isProgressive: false, ">= 12x");
        Jpeg("JPEG 12 MP progressive", 4000, 3000, isProgressive: true, ">= 25x");
        Jpeg("JPEG 2 MP", 1920, 1080, isProgressive: false, ">= 8x");
        Jpeg("JPEG 0.5 MP", 816, 612, isProgressive: false, ">= 4x");
        using Image picture = Picture(2464, 1632);
        foreach (Enums.ForeignPngFilter filter in (Enums.ForeignPngFilter[])
            [Enums.ForeignPngFilter.All, Enums.ForeignPngFilter.Paeth, Enums.ForeignPngFilter.None])
        {
            using var ours = new DecodeCase($"PNG 4 MP, filter {filter}", picture.PngsaveBuffer(filter: filter));
            Vips(ours, ">= 1.1x");
        }

        string jpeg = DecodeMemory.Measure(
            NoisePictures.Jpeg(4000, 3000, 85, isProgressive: false), NoisePictures.Jpeg(816, 612, 85, false));
        PairedTable.Figure("JPEG 12 MP, memory above idle", "<= 2 MiB", jpeg);
    }

    /// <summary>Every file of a folder that is decoded here; one line for all of a format.</summary>
    public void RunSamples(string folder)
    {
        PairedTable.Head("Sample images: median of files; drift, where quality is 50 or more: mean, p99, most");
        DecodeCase[] cases = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order()
            .Select(path => new DecodeCase(Path.GetFileName(path), System.IO.File.ReadAllBytes(path)))
            .Where(file => file.IsOurs && Math.Min(file.Header.Width, file.Header.Height) >= 64)];
        foreach (IGrouping<ImageFormat, DecodeCase> format in cases.GroupBy(file => file.Format))
        {
            // A picture that says too little to be matched has no bits to keep.
            int[] drift = [.. format.Select(file => (Ours: file.Hash(), Exact: file.Exact()))
                .Where(pair => pair.Exact.Quality >= MinQuality)
                .Select(pair => pair.Ours.Distance(pair.Exact.Hash)).Order()];
            string bits = $"{PairedTable.Number(drift.Average())}, {drift[drift.Length * 99 / 100]}, {drift[^1]} bits";
            string what = $"{format.Count()} {format.Key} files";
            PairedTable.Row(what, VipsPeer, "", Over(format, file => file.Vips(), isWhole: true), bits);
            if (format.Key == ImageFormat.Jpeg && turbo is not null)
            {
                PairedTable.Row(what, GreyPeer, ">= 1.2x", OverTurbo(format, isWhole: false), bits);
                if (reference is not null)
                {
                    PairedTable.Row(what, WholePeer, "", OverTurbo(format, isWhole: true), bits);
                }
            }
        }
    }

    private static Image Picture(int width, int height)
    {
        using Image image = Image.NewFromMemory(
            NoisePictures.Rgb(width, height, 1), width, height, 3, Enums.BandFormat.Uchar);
        return image.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }

    private void Jpeg(string name, int width, int height, bool isProgressive, string goal)
    {
        using var ours = new DecodeCase(name, NoisePictures.Jpeg(width, height, 85, isProgressive));
        string drift = $"{ours.Hash().Distance(ours.Exact().Hash)} bits";
        if (turbo is null)
        {
            PairedTable.Skip(name, WholePeer, goal, NoTurbo);
            PairedTable.Skip(name, GreyPeer, ">= 1.2x", NoTurbo);
            return;
        }

        using var theirs = new TurboPipeline(turbo, ours.File, ours.Header);
        if (reference is null)
        {
            PairedTable.Skip(name, WholePeer, goal, NoReference);
        }
        else
        {
            PairedTable.Row(
                name,
                WholePeer,
                goal,
                PairedRun.Measure(
                    new Contender(() => ours.Hash()), new Contender(() => theirs.Hash(reference)), rounds),
                drift);
        }

        PairedTable.Row(
            name,
            GreyPeer,
            isProgressive ? "" : ">= 1.2x",
            PairedRun.Measure(
                new Contender(ours.DecodeAlone), new Contender(() => theirs.DecodeGrey(ours.Reduction)), rounds),
            drift);
        Vips(ours, "");
    }

    private void Vips(DecodeCase ours, string goal) => PairedTable.Row(
        ours.Name,
        VipsPeer,
        goal,
        PairedRun.Measure(new Contender(() => ours.Hash()), ours.Vips(), rounds),
        $"{ours.Hash().Distance(ours.Exact().Hash)} bits");

    private PairedResult OverTurbo(IEnumerable<DecodeCase> cases, bool isWhole)
    {
        var pipelines = new List<TurboPipeline>();
        PairedResult result = Over(
            cases,
            file =>
            {
                var theirs = new TurboPipeline(turbo!, file.File, file.Header);
                pipelines.Add(theirs);
                return new Contender(
                    () =>
                    {
                        if (isWhole)
                        {
                            theirs.Hash(reference!);
                        }
                        else
                        {
                            theirs.DecodeGrey(file.Reduction);
                        }
                    });
            },
            isWhole);
        pipelines.ForEach(theirs => theirs.Dispose());
        return result;
    }

    // The median of the files' own medians, the worst and the best file.
    private PairedResult Over(IEnumerable<DecodeCase> cases, Func<DecodeCase, Contender> peer, bool isWhole)
    {
        PairedResult[] results = [.. cases.Select(file => PairedRun.Measure(
            new Contender(isWhole ? () => file.Hash() : file.DecodeAlone), peer(file), Math.Min(rounds, 5)))];
        return new PairedResult(
            PairedRun.Median(results.Select(result => result.OursMicroseconds)),
            PairedRun.Median(results.Select(result => result.PeerMicroseconds)),
            PairedRun.Median(results.Select(result => result.Ratio)),
            results.Min(result => result.Ratio),
            results.Max(result => result.Ratio),
            results.Min(result => result.OursLeast));
    }
}
