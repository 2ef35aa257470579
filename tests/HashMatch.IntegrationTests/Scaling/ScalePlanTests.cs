using System.Text.Json;
using HashMatch.Load.Scale;
using HashMatch.Load.Words;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Scaling;

/// <summary>What is computed, against sums by hand, and the command.</summary>
public sealed class ScalePlanTests
{
    private const double GiB = 1L << 30;

    private static readonly MeasuredCosts Costs = new()
    {
        Kinds = [new UploadKind("one", 3, 1000, 1), new UploadKind("other", 1, 200, 5)],
        Lookups = [new LookupPoint(1e6, 10, 1), new LookupPoint(1e8, 1000, 100)],
        CallMilliseconds = 0.5,
        LoadedBytes = 50,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_look_up_is_read_between_what_was_measured_and_beyond_it()
    {
        Assert.Equal(0.01, Costs.LookupMilliseconds(1000), 9);
        Assert.Equal(0.01, Costs.LookupMilliseconds(1e6), 9);
        Assert.Equal(0.1, Costs.LookupMilliseconds(1e7), 9);
        Assert.Equal(10, Costs.LookupMilliseconds(1e9), 9);
        Assert.Equal(10, Costs.BuildSeconds(1e7), 9);
    }

    [Fact]
    public void Cores_replicas_and_links_are_what_a_sum_says()
    {
        // 2 ms and a look-up of 0.1; 2,000 of them at half load are 8.4 cores: three machines of four, and one more.
        var plan = new ScalePlan(Costs, new ReplicaMachine(4, 64, 100), new ScaleOptions { Seconds = 1 });
        PlanRow row = plan.Of(2000, 1e7);
        Assert.Equal(2.1, row.Milliseconds, 9);
        Assert.Equal(8.4, row.Cores, 9);
        Assert.Equal((4, 1), (row.Replicas, row.Groups));

        // 800 KiB each.
        Assert.Equal(2000 * 800.0 * 1024 * 8 / 1e9, row.Gbits, 9);
        Assert.Equal(4 * 1e7 * 50, row.Reload.StoreBytes, 1.0);
        Assert.Empty(row.Broken);

        // Links of 1 Gbit/s, half full: 27 of them.
        PlanRow linked = new ScalePlan(Costs, new ReplicaMachine(4, 64, 1), new ScaleOptions { Seconds = 1 })
            .Of(2000, 1e7);
        Assert.Equal(28, linked.Replicas);
        Assert.Contains(linked.Broken, each => each.StartsWith("link before cores 12.5x", StringComparison.Ordinal));
    }

    [Fact]
    public void A_group_is_as_large_as_fits_and_no_smaller()
    {
        var plan = new ScalePlan(Costs, new ReplicaMachine(32, 128, 10), new ScaleOptions());
        EntriesFigures all = plan.Of(1e9);
        Assert.True(all.Groups > 1);
        Assert.True(plan.Of(1e9 / all.Groups).ReloadGiB <= 128);
        Assert.True(plan.Of(1e9 / (all.Groups - 1)).ReloadGiB > 128);

        // Each row: 32 bytes and thirteen times 6 in tables, 50 of its segment.
        Assert.InRange(all.GiB, 1e9 * 160 / GiB, 1e9 * 161 / GiB);

        // Each upload is looked up in all of them, and each look-up is a call.
        Assert.Equal(
            2 + (all.Groups * (0.5 + Costs.LookupMilliseconds(1e9 / all.Groups))), plan.Of(1000, 1e9).Milliseconds, 9);
    }

    [Fact]
    public void A_manifest_that_is_no_blob_needs_more_lists()
    {
        var plan = new ScalePlan(Costs, new ReplicaMachine(32, 128, 10), new ScaleOptions());
        Assert.Equal(1, plan.Of(1e8).Lists);
        EntriesFigures all = plan.Of(1e9);
        Assert.InRange(all.Lists, 2, 10);
        Assert.InRange(all.ManifestKiB / all.Lists, 1024, 2048);
        Assert.InRange(plan.EditBytes(1e9), 1 << 20, (2 << 20) + (16 << 10));
    }

    [Theory]
    [InlineData(280e6, true)]
    [InlineData(350e6, false)]
    public void A_store_refuses_the_manifest_where_the_plan_says(double entries, bool isTaken)
    {
        // 50 bytes an entry, two mebibytes less sixteen kibibytes a segment.
        var plan = new ScalePlan(Costs, new ReplicaMachine(32, 128, 10), new ScaleOptions());
        int segments = (int)Math.Ceiling(entries * 50 / ((2 << 20) - (16 << 10)));
        byte[] blob = ListDocument.Encode(new VersionManifest
        {
            Base = [.. Enumerable.Range(0, segments).Select(segment => new SegmentRef(
                $"{segment:x32}", 41_000, 2_080_000, $"{segment:x32}", $"pdq:{segment:x64}", $"{segment:x64}"))],
            Deltas = [],
            Entries = new EntryCounts { Pdq = (long)entries },
        });
        Assert.Equal(blob.Length / 1024.0, plan.Of(entries).ManifestKiB, 1.0);
        Assert.Equal(isTaken, plan.Of(entries).Lists == 1);
        Exception? refusal = Record.Exception(() => StoreArguments.CheckBlob("list", new string('0', 32), blob));
        Assert.Equal(isTaken, refusal is null);
    }

    [Fact]
    public async Task The_command_writes_tables_and_costs_that_it_reads_again()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            string first = await RunAsync("--results", folder.FullName);
            using var results = JsonDocument.Parse(
                await File.ReadAllTextAsync(Path.Combine(folder.FullName, "results.json"), Cancellation));
            Assert.Equal(1, results.RootElement.GetProperty("plan").GetArrayLength());
            string costs = Path.Combine(folder.FullName, "costs.json");
            await File.WriteAllTextAsync(costs, results.RootElement.GetProperty("costs").GetRawText(), Cancellation);
            Assert.Equal(first, await RunAsync("--costs", costs));
            Assert.NotEqual(first, await RunAsync("--costs", costs, "--seed", "2"));
            Assert.Equal(first.TrimEnd(), (await File.ReadAllTextAsync(
                Path.Combine(folder.FullName, "results.md"), Cancellation)).TrimEnd());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("{\"kinds\": []}", "no kinds")]
    [InlineData("{\"kind\": []}", "'kind'")]
    [InlineData("no JSON", "invalid")]
    public async Task Costs_that_are_none_are_refused(string text, string reason)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text, Cancellation);
            using var error = new StringWriter();
            Assert.Equal(LoadTool.Wrong, await LoadTool.RunAsync(
                ["scale", "--costs", file], TextWriter.Null, error, Cancellation));
            Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> RunAsync(params string[] more)
    {
        using var output = new StringWriter();
        Assert.Equal(LoadTool.Right, await LoadTool.RunAsync(
            ["scale", "--uploads", "1K", "--entries", "1M", "--seconds", "0.1", .. more],
            output,
            TextWriter.Null,
            Cancellation));
        return output.ToString();
    }
}
