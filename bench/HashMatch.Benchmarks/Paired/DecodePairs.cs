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
