using Google.Protobuf;
using HashMatch.Pdq;
using HashMatch.Tests;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>The sample images, from the file's bytes to the verdict.</summary>
public sealed class SampleTests(MatchingFixture fixture, ITestOutputHelper output) : IClassFixture<MatchingFixture>
{
    private static readonly Dictionary<string, V1.Orientation> Variants = new()
    {
        ["orig"] = V1.Orientation.Original,
        ["r090"] = V1.Orientation.Rotated90,
        ["r180"] = V1.Orientation.Rotated180,
        ["r270"] = V1.Orientation.Rotated270,
        ["flpx"] = V1.Orientation.FlippedX,
        ["flpy"] = V1.Orientation.FlippedY,
        ["flpp"] = V1.Orientation.FlippedPlus1,
        ["flpm"] = V1.Orientation.FlippedMinus1,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningServer Server => fixture.Server;

    [Fact]
    public async Task Every_sample_is_matched_unless_its_quality_is_too_low()
    {
        await fixture.LoadSamplesAsync(Cancellation);
        List<int> distances = [];
        foreach (string[] row in Conformance.Rows("pdq-images.csv"))
        {
            V1.MatchResponse verdict = await Server.MatchAsync(Conformance.Image(row[0]), Cancellation);
            if (int.Parse(row[4], null) < 50)
            {
                Assert.Equal(V1.UnhashableReason.LowQuality, verdict.UnhashableReason);
                Assert.Empty(verdict.Matches);
                continue;
            }

            Assert.True(verdict.Outcome == V1.Outcome.Near, row[0]);
            V1.Match match = verdict.Matches.First(m => SameHash(row).Contains(m.ExternalId));
            Assert.True(match.Distance <= 10, $"{row[0]} is {match.Distance} away");
            distances.Add((int)match.Distance);
        }

        output.WriteLine($"{distances.Count} samples, {distances.Average():0.00} bits away on average");
        Assert.InRange(distances.Average(), 0, 2);
    }

    [Fact]
    public async Task Reference_fidelity_gives_the_listed_hashes_as_stored()
    {
        ILookup<string, string[]> dihedral = Conformance.Rows("pdq-dihedral.csv").ToLookup(row => row[0]);
        foreach (string[] row in Conformance.Rows("pdq-images.csv"))
        {
            V1.HashResponse response = await HashAsync(Conformance.Image(row[0]), asStored: true);
            Assert.Equal((row[5], row[4]), (response.Hash, $"{response.Quality}"));
            Assert.Equal((row[1], row[2]), ($"{response.Width}", $"{response.Height}"));
            Assert.Equal(
                dihedral[row[0]].Select(variant => (Variants[variant[1]], variant[3])),
                response.Dihedral.Select(hash => (hash.Orientation, hash.Hash)));
        }
    }

    [Fact]
    public async Task A_picture_that_EXIF_turns_is_matched_as_stored_too()
    {
        await fixture.LoadSamplesAsync(Cancellation);
        string[] row = Conformance.Rows("pdq-images.csv").First(
            r => r[0].EndsWith("aaa-orig.jpg", StringComparison.Ordinal));
        byte[] plain = Conformance.Image(row[0]);
        byte[] turned = [.. plain[..2], .. ExifOrientation(6), .. plain[2..]];

        V1.HashResponse stored = await HashAsync(turned, asStored: true);
        V1.HashResponse upright = await HashAsync(turned, asStored: false);
        Assert.Equal(row[5], stored.Hash);
        // Orientation 6 is shown after a quarter turn clockwise: three counter-clockwise.
        string derived = stored.Dihedral.Single(h => h.Orientation == V1.Orientation.Rotated270).Hash;
        Assert.True(PdqHash.TryParse(derived, out PdqHash fromStored));
        Assert.True(PdqHash.TryParse(upright.Hash, out PdqHash hash));
        Assert.InRange(fromStored.Distance(hash), 0, 24);

        V1.MatchResponse verdict = await Server.MatchAsync(turned, Cancellation);
        V1.Match match = verdict.Matches.First(m => SameHash(row).Contains(m.ExternalId));
        Assert.Equal(V1.Orientation.Rotated90, match.Orientation);
        Assert.Equal(upright.Hash[..8], verdict.Hash[..8]);
    }

    // Samples that hash the same are one entry, under the name of the last.
    private static HashSet<string> SameHash(string[] row) =>
        [.. Conformance.Rows("pdq-images.csv").Where(other => other[5] == row[5]).Select(other => other[0])];

    private static byte[] ExifOrientation(byte value) =>
    [
        0xff, 0xe1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8,
        0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0,
    ];

    private async Task<V1.HashResponse> HashAsync(byte[] image, bool asStored) => await Server.Matching.HashAsync(
        new V1.HashRequest
        {
            Image = ByteString.CopyFrom(image),
            Fidelity = V1.Fidelity.Reference,
            Dihedral = true,
            AsStored = asStored,
        },
        cancellationToken: Cancellation);
}
