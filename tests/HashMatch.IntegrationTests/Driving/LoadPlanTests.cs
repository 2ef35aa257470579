using HashMatch.Imaging;
using HashMatch.Load.Drive;
using Xunit;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>Cases as they are written, and the calls that come of them.</summary>
public sealed class LoadPlanTests
{
    private const int Calls = 100_000;

    [Fact]
    public void A_mix_comes_out_with_its_weights()
    {
        PlanPart[] parts = [Part(70, listed: 0), Part(20, listed: 0), Part(10, listed: 0)];
        var plan = new LoadPlan(parts, 0, seed: 1);
        LoadItem[] made = [.. Enumerable.Range(0, Calls).Select(number => plan.At(number))];
        for (int i = 0; i < parts.Length; i++)
        {
            double share = made.Count(item => parts[i].Items.Contains(item)) / (double)Calls;
            double wanted = parts[i].Weight / 100;
            Assert.InRange(share, wanted - 0.008, wanted + 0.008);
        }

        // Each item of a part as often as the others.
        Assert.All(
            parts[0].Items,
            item => Assert.InRange(made.Count(each => each == item), (Calls * 0.7 / 8) - 500, (Calls * 0.7 / 8) + 500));
    }

    [Fact]
    public void So_many_calls_must_match_as_the_hit_rate_says()
    {
        PlanPart[] parts = [Part(1, listed: 2), Part(3, listed: 2)];
        var plan = new LoadPlan(parts, 0.02, seed: 5);
        LoadItem[] hits = [.. Enumerable.Range(0, Calls).Select(number => plan.At(number))
            .Where(item => ((PictureItem)item).IsListed == true)];
        Assert.InRange(hits.Length, 1780, 2220);
        Assert.Equal(4, hits.Distinct().Count());
        Assert.DoesNotContain(
            Enumerable.Range(0, Calls).Select(number => new LoadPlan(parts, 0, seed: 5).At(number)), hits.Contains);
    }

    [Fact]
    public void A_call_is_told_by_its_number_and_another_seed_makes_others()
    {
        PlanPart[] parts = [Part(1, listed: 1)];
        LoadItem[] calls = Items(new LoadPlan(parts, 0.1, seed: 1));
        Assert.Equal(calls, Items(new LoadPlan(parts, 0.1, seed: 1)));
        Assert.NotEqual(calls, Items(new LoadPlan(parts, 0.1, seed: 2)));

        static LoadItem[] Items(LoadPlan plan) => [.. Enumerable.Range(0, 100).Select(number => plan.At(number))];
    }

    [Fact]
    public void A_case_is_read_as_it_is_written()
    {
        LoadCase mix = LoadCase.Parse("1024x768=70,512x512:png=20.5,hashes:200=10");
        Assert.Equal("1024x768:jpeg=70,512x512:png=20.5,hashes:200=10", mix.Name);
        Assert.Equal(
            [
                new CasePart(70, ImageFormat.Jpeg, 1024, 768, 0), new CasePart(20.5, ImageFormat.Png, 512, 512, 0),
                new CasePart(10, null, 0, 0, 200),
            ],
            mix.Parts);
        Assert.Equal(("calls", 1), (mix.Unit, mix.ItemsOfCall));
        Assert.Null(mix.Pixels);
        LoadCase hashes = LoadCase.Parse("hashes");
        Assert.Equal(("hashes:1000", "hashes", 1000), (hashes.Name, hashes.Unit, hashes.ItemsOfCall));
        LoadCase picture = LoadCase.Parse("640x480:avif");
        Assert.Equal(("uploads", 1, 307_200), (picture.Unit, picture.ItemsOfCall, picture.Pixels));
    }

    [Theory]
    [InlineData("")]
    [InlineData("640x")]
    [InlineData("8x8")]
    [InlineData("640x480:bmp")]
    [InlineData("640x480:jpeg:png")]
    [InlineData("640x480=0")]
    [InlineData("640x480=a")]
    [InlineData("hashes:0")]
    [InlineData("hashes:10001")]
    [InlineData("640x480,")]
    public void A_case_that_is_none_is_refused(string text) =>
        Assert.Throws<FormatException>(() => LoadCase.Parse(text));

    [Fact]
    public void A_ratio_has_the_interval_of_its_pairs()
    {
        // By hand: logarithms ln 2 - 0.1, ln 2, ln 2 + 0.1; 4.303 times 0.1 by the root of 3.
        RatioInterval ratio = RatioInterval.Of(
            [1, 1, 1], [2 * Math.Exp(-0.1), 2, 2 * Math.Exp(0.1)])!;
        Assert.Equal(2, ratio.Middle, 6);
        Assert.Equal(2 * Math.Exp(-0.24843), ratio.Low!.Value, 3);
        Assert.Equal(2 * Math.Exp(0.24843), ratio.High!.Value, 3);
        Assert.True(ratio.IsDifferent);
        Assert.False(RatioInterval.Of([10, 11, 10, 11], [11, 10, 11, 10])!.IsDifferent);
        RatioInterval single = RatioInterval.Of([4], [2])!;
        Assert.Equal((0.5, null, null, false), (single.Middle, single.Low, single.High, single.IsDifferent));
        Assert.Null(RatioInterval.Of([1, 0], [1, 1]));
    }

    private static PlanPart Part(double weight, int listed) => new(
        weight,
        [.. Enumerable.Range(0, 8).Select(_ => new PictureItem([], false))],
        [.. Enumerable.Range(0, listed).Select(_ => new PictureItem([], true))]);
}
