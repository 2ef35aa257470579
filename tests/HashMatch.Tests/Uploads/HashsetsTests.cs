using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Pdq;
using HashMatch.Tests.Imaging;
using HashMatch.Uploads;
using Xunit;

namespace HashMatch.Tests.Uploads;

/// <summary>
/// Holds the folder hashsets/ to its README. With HASHMATCH_WRITE_HASHSETS=1 the files are written anew first.
/// </summary>
public sealed class HashsetsTests
{
    private const int Threshold = 31;

    private static readonly UploadHasher Hasher =
        new(Decoders.Of(new ImageLimits { Timeout = TimeSpan.FromMinutes(1) }));

    private static readonly Lazy<bool> Written = new(Write);

    public HashsetsTests() => _ = Written.Value;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Pictures_show_what_is_drawn_and_are_small()
    {
        foreach (string picture in SampleHashsets.Pictures)
        {
            Assert.InRange(new FileInfo(SampleHashsets.PathOf(picture)).Length, 1, 60_000);
            if (picture == "unhashable-flat.png")
            {
                continue;
            }

            using var luma = Luma.Allocate(SampleHashsets.Width, SampleHashsets.Height);
            LumaConversion.FromRgb(SampleHashsets.Draw(picture), luma.Pixels);
            DihedralHashes drawn = PdqHasher.HashDihedral(luma, PdqFidelity.Reference);
            Assert.InRange(drawn.Quality, 80, 100);
            HashedUpload upload = Upload(picture, dihedral: true);
            Orientation turn = picture == "rotated.jpg" ? Orientation.Rotated90 : Orientation.Original;
            int shown = picture == "near-bordered.jpg" ? 1 : 0;
            int distance = upload.Renditions[shown].Upright[turn].Distance(drawn[Orientation.Original]);
            Assert.True(distance <= (picture == "exact.png" ? 0 : 20), $"{picture}: {distance}");
        }

        Assert.Equal(
            SampleHashsets.Pictures,
            Directory.GetFiles(Path.GetDirectoryName(SampleHashsets.PathOf("exact.png"))!)
                .Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lists_are_what_the_pictures_and_the_seed_give()
    {
        Assert.Equal(SampleHashsets.Csv(), File.ReadAllText(Path.Combine(SampleHashsets.Folder, "sample.csv")));
        Assert.Equal(SampleHashsets.Text(), File.ReadAllText(Path.Combine(SampleHashsets.Folder, "sample.txt")));
    }

    [Theory]
    [InlineData("sample.csv", 35)]
    [InlineData("sample.txt", 13)]
    public async Task Lists_hold_no_bad_line(string file, int entries)
    {
        List<ListLine> lines = await ReadAsync(file);
        Assert.All(lines, line => Assert.True(line.Error is null, $"{line.Line}: {line.Error}"));
        Assert.Equal(entries, lines.Count);
        Assert.Equal(entries, lines.Select(l => (l.Entry!.Type, l.Entry.Value)).Distinct().Count());
    }

    [Fact]
    public async Task Pictures_match_as_their_names_say()
    {
        HashEntry[] entries = [.. (await ReadAsync("sample.csv")).Select(l => l.Entry!)];
        Assert.InRange(Nearest(entries, "near-listed.jpg", dihedral: false), 0, 6);
        Assert.InRange(Nearest(entries, "near-resized.jpg", dihedral: false), 1, Threshold);
        Assert.InRange(Nearest(entries, "near-turned-by-exif.jpg", dihedral: false), 0, Threshold);
        Assert.InRange(Nearest(entries, "near-bordered.jpg", dihedral: false), 0, Threshold);
        HashedUpload bordered = Upload("near-bordered.jpg", dihedral: false);
        Assert.Equal([RenditionKind.Whole, RenditionKind.Trimmed], bordered.Renditions.Select(r => r.Kind));
        PdqHash listed = Upload("near-listed.jpg", dihedral: false).Query.Hashes[0].Hash;
        Assert.InRange(bordered.Query.Hashes[0].Hash.Distance(listed), Threshold + 33, 256);
        Assert.InRange(Nearest(entries, "rotated.jpg", dihedral: false), Threshold + 33, 256);
        Assert.InRange(Nearest(entries, "rotated.jpg", dihedral: true), 0, Threshold);
        Assert.InRange(Nearest(entries, "no-match.jpg", dihedral: true), Threshold + 33, 256);
        Assert.InRange(Nearest(entries, "exact.png", dihedral: true), Threshold + 33, 256);
        Digests exact = Upload("exact.png", dihedral: false).Query.Digests;
        Assert.Contains(entries, e => e.Type == HashType.Sha256 && e.Value == HashValue.Read(exact.Sha256.Span));
        Assert.Contains(entries, e => e.Type == HashType.Md5 && e.Value == HashValue.Read(exact.Md5.Span));
        HashedUpload flat = Upload("unhashable-flat.png", dihedral: false);
        Assert.Equal(UnhashableReason.None, flat.Query.Reason);
        Assert.InRange(flat.Query.Quality, 0, MatchPolicy.DefaultMinQuality - 1);
    }

    private static bool Write()
    {
        if (Environment.GetEnvironmentVariable("HASHMATCH_WRITE_HASHSETS") == "1")
        {
            SampleHashsets.WritePictures();
            File.WriteAllText(Path.Combine(SampleHashsets.Folder, "sample.csv"), SampleHashsets.Csv());
            File.WriteAllText(Path.Combine(SampleHashsets.Folder, "sample.txt"), SampleHashsets.Text());
        }

        return true;
    }

    private static HashedUpload Upload(string picture, bool dihedral)
    {
        HashedUpload hashed = Hasher.Hash(
            File.ReadAllBytes(SampleHashsets.PathOf(picture)), new UploadOptions { Dihedral = dihedral }, Cancellation);
        Assert.True(hashed.AsStored is not null, hashed.Detail);
        return hashed;
    }

    private static int Nearest(HashEntry[] entries, string picture, bool dihedral) =>
        Upload(picture, dihedral).Query.Hashes
            .SelectMany(h => entries.Where(e => e.Type == HashType.Pdq).Select(e => e.Value.ToPdq().Distance(h.Hash)))
            .Min();

    private static async Task<List<ListLine>> ReadAsync(string file)
    {
        await using FileStream stream = File.OpenRead(Path.Combine(SampleHashsets.Folder, file));
        var lines = new List<ListLine>();
        await foreach (ListLine line in HashListReader.ReadAsync(
            stream, ListFileFormat.Auto, HashType.Pdq, Cancellation))
        {
            lines.Add(line);
        }

        return lines;
    }
}
