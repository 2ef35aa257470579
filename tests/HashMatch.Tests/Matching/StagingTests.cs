using CsCheck;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class StagingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_number_of_rows_is_staged_sorted_and_folded_within_a_small_buffer()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        int lists = 0;
        await Gen.Int.SampleAsync(
            async seed =>
            {
                Random random = new(seed);
                string name = $"l{Interlocked.Increment(ref lists)}";
                List<HashEntry> entries = Entries(random, random.Next(1, 1200));
                Dictionary<EntryKey, HashEntry> expected = [];
                entries.ForEach(entry => expected[Samples.KeyOf(entry)] = entry);
                await fixture.CreateAsync(name);
                ListVersion version = await fixture.StageAsync(name, entries);

                Assert.Equal(entries.Count - expected.Count, version.Duplicates);
                Assert.Equal(expected.Count, version.Entries.Total);
                Assert.Equal(expected.Keys.Count(k => k.Type == HashType.Md5), version.Entries.Md5);
                Dictionary<EntryKey, HashEntry> staged = await fixture.EntriesAsync(name, version.Number);
                Assert.Equal(expected.Count, staged.Count);
                Assert.All(expected, pair => Assert.Equal(pair.Value, staged[pair.Key]));

                // Nothing that was put aside stays.
                VersionManifest manifest = await fixture.ManifestAsync(name, version.Number);
                Assert.Empty(manifest.Deltas);
                Assert.Equal(manifest.Base.Count + 1, await fixture.CountBlobsAsync(name));
                int most = CatalogFixture.SmallLimits.SegmentBytes;
                Assert.All(manifest.Base, segment => Assert.InRange(segment.Bytes, 1, most));
            },
            iter: 12,
            threads: 2);
    }

    [Fact]
    public async Task Rows_that_share_their_first_bits_are_kept_apart()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        HashValue value = Samples.Value(new Random(1), HashType.Pdq);
        List<HashEntry> entries = [.. Enumerable.Range(0, 500)
            .Select(i => new HashEntry { Type = HashType.Pdq, Value = value with { D = (ulong)(i % 300) } })];
        await fixture.CreateAsync("skewed");
        ListVersion version = await fixture.StageAsync("skewed", entries);
        Assert.Equal(300, version.Entries.Pdq);
        Assert.Equal(200, version.Duplicates);
    }

    [Fact]
    public async Task A_bad_line_refuses_the_whole_and_leaves_nothing()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        await fixture.CreateAsync("l");
        Random random = new(2);
        List<ListLine> lines = [.. Enumerable.Range(1, 600).Select(i => i % 5 == 0
            ? new ListLine(i, null, $"bad {i}")
            : new ListLine(i, Samples.Entry(random, HashType.Pdq), null))];
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l", lines.ToAsyncEnumerable(), new StageOptions(), null, Token));

        Assert.Null(result.Version);
        Assert.Equal(120, result.ErrorCount);
        Assert.Equal(ListCatalog.MaxErrors, result.Errors.Count);
        Assert.Equal(new HashListError(5, "bad 5"), result.Errors[0]);
        Assert.Empty((await fixture.ReadAsync("l")).Versions);
        Assert.Equal(0, await fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task Bad_lines_are_left_out_and_counted_on_request()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        HashEntry good = Samples.Entry(new Random(3), HashType.Pdq);
        ListLine[] lines =
        [
            new(1, null, "bad"),
            new(2, good, null),
            new(3, good with { Value = default }, null),
            new(4, good with { Note = "a\0b" }, null),
        ];
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l", lines.ToAsyncEnumerable(), new StageOptions { SkipInvalid = true, Source = "file" }, null, Token));
        Assert.Equal(3, result.Version!.Skipped);
        Assert.Equal(3, result.ErrorCount);
        Assert.Equal([1L, 3L, 4L], result.Errors.Select(e => e.Line));
        Assert.Equal("file", result.Version.Source);
        Assert.Equal(1, result.Version.Entries.Total);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_without_a_good_entry_is_refused(bool hasBadLine)
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        ListLine[] lines = hasBadLine ? [new(7, null, "bad")] : [];
        CatalogResult<StageResult> result = await fixture.Catalog.StageAsync(
            "l", lines.ToAsyncEnumerable(), new StageOptions { SkipInvalid = true }, null, Token);
        CatalogFixture.Refused(CatalogError.Invalid, result);
        Assert.Contains(hasBadLine ? "line 7: bad" : "no entry at all", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_breaks_leaves_nothing()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        await fixture.CreateAsync("l");
        await Assert.ThrowsAsync<IOException>(() => fixture.Catalog.StageAsync(
            "l", Breaking(500), new StageOptions(), null, Token));
        Assert.Empty((await fixture.ReadAsync("l")).Versions);
        Assert.Equal(0, await fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        await fixture.CreateAsync("l");
        using CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Random random = new(4);
        IEnumerable<HashEntry> entries = Enumerable.Range(0, 20_000).Select(i =>
        {
            if (i == 900)
            {
                source.Cancel();
            }

            return Samples.Entry(random, HashType.Md5);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Catalog.StageAsync(
            "l", Samples.Lines(entries), new StageOptions(), null, source.Token));
        Assert.Empty((await fixture.ReadAsync("l")).Versions);
        Assert.Equal(0, await fixture.CountBlobsAsync("l"));
    }

    [Fact]
    public async Task Progress_ends_with_the_number_of_lines()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        Random random = new(5);
        List<long> reports = [];
        await fixture.Catalog.StageAsync(
            "l",
            Samples.Lines(Enumerable.Range(0, 10_000).Select(_ => Samples.Entry(random, HashType.Md5))),
            new StageOptions(),
            new Collected(reports),
            Token);
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(10_000, reports[^1]);
        Assert.True(reports.Count > 1);
    }

    [Fact]
    public async Task A_list_that_is_deleted_and_made_again_meanwhile_gets_no_version_of_the_old_one()
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync();
        await fixture.CreateAsync("l");
        CatalogResult<StageResult> result = await fixture.Catalog.StageAsync(
            "l", Remaking(fixture), new StageOptions(), null, Token);
        CatalogFixture.Refused(CatalogError.ListNotFound, result);
        Assert.Empty((await fixture.ReadAsync("l")).Versions);
        Assert.Equal(0, await fixture.CountBlobsAsync("l"));
    }

    private static async IAsyncEnumerable<ListLine> Remaking(CatalogFixture fixture)
    {
        yield return new ListLine(1, Samples.Entry(new Random(6), HashType.Md5), null);
        CatalogFixture.Value(await fixture.Catalog.DeleteAsync("l", null, Token));
        await fixture.CreateAsync("l");
    }

    private static async IAsyncEnumerable<ListLine> Breaking(int after)
    {
        await Task.CompletedTask;
        Random random = new(7);
        for (int i = 1; i <= after; i++)
        {
            yield return new ListLine(i, Samples.Entry(random, HashType.Pdq), null);
        }

        throw new IOException("the line went dead");
    }

    private static List<HashEntry> Entries(Random random, int count)
    {
        List<HashEntry> entries = [];
        for (int i = 0; i < count; i++)
        {
            HashEntry entry = entries.Count > 0 && random.Next(4) == 0
                ? entries[random.Next(entries.Count)]
                : Samples.Entry(random, Samples.Type(random));
            entries.Add(entry with
            {
                ExternalId = $"row {i}",
                Classification = Texts.Zoo[random.Next(Texts.Zoo.Length)],
                Note = random.Next(50) == 0 ? new string('n', HashEntry.MaxNoteBytes) : "",
                ExpiresAt = random.Next(9) == 0 ? DateTimeOffset.FromUnixTimeSeconds(random.Next()) : null,
            });
        }

        return entries;
    }

    private sealed class Collected(List<long> reports) : IProgress<long>
    {
        public void Report(long value) => reports.Add(value);
    }
}
