using HashMatch.Pdq;
using NetVips;

namespace HashMatch.Benchmarks.Paired;

/// <summary>Upload bytes to hash against other decoders.</summary>
internal sealed class DecodePairs(int rounds)
{
    public void Run()
    {
        PairedTable.Head("Upload bytes to hash, one thread (ratio: the peer's time / ours)");
        using Image picture = Photographs.Rgb(2464, 1632);
        Png("PNG 4 MP", picture.PngsaveBuffer(), ">= 1.1x");
        Png("PNG 4 MP, Paeth", picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.Paeth), "");
        Png("PNG 4 MP, Sub", picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.Sub), "");
        Png("PNG 4 MP, Avg", picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.Avg), "");
        Png("PNG 4 MP, all", picture.PngsaveBuffer(filter: Enums.ForeignPngFilter.All), "");
    }

    public static void Loop(int kind)
    {
        using Image picture = Photographs.Rgb(2464, 1632);
        byte[] file = kind == 1 ? picture.PngsaveBuffer() : picture.PngsaveBuffer(filter: kind == 2 ? Enums.ForeignPngFilter.Paeth : Enums.ForeignPngFilter.All);
        using var ours = new DecodeCase("x", file);
        var w = System.Diagnostics.Stopwatch.StartNew();
        double best = 1e9;
        while (w.ElapsedMilliseconds < 6000)
        {
            var u = System.Diagnostics.Stopwatch.GetTimestamp();
            ours.DecodeAlone();
            best = Math.Min(best, System.Diagnostics.Stopwatch.GetElapsedTime(u).TotalMilliseconds);
        }

        Console.WriteLine(best);
    }

    private void Png(string name, byte[] file, string goal)
    {
        Console.WriteLine(file.Length);
        using var ours = new DecodeCase(name, file);
        PdqHash hash = default;
        PairedResult result = PairedRun.Measure(
            new Contender(() => hash = ours.Hash()), ours.Vips(), rounds);
        PairedTable.Row(name, "NetVips full decode alone", goal, result, $"{hash.Distance(ours.Exact())} bits");
        result = PairedRun.Measure(
            new Contender(() => ours.DecodeAlone()), ours.Vips(), rounds);
        PairedTable.Row(name, "NetVips full decode alone", goal, result, $"{hash.Distance(ours.Exact())} bits");
    }
}
