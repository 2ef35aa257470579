using HashMatch.Matching.Lists;
using HashMatch.Tests.Matching;
using Xunit;

namespace HashMatch.Tests.Formats;

/// <summary>Files to lines, and to what a catalog makes of them.</summary>
internal static class Reading
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<List<ListLine>> LinesAsync(Stream stream, ListReadOptions? options = null)
    {
        List<ListLine> lines = [];
        await foreach (ListLine line in HashListReader.ReadAsync(stream, options ?? new ListReadOptions(), Token))
        {
            int said = (line.Entry is null ? 0 : 1) + (line.Error is null ? 0 : 1) + (line.Removed is null ? 0 : 1)
                + (line.LeftOut is null ? 0 : 1) + (line.VoidsRecord ? 1 : 0);
            Assert.Equal(1, said);
            Assert.True(line.Line > 0);
            lines.Add(line);
        }

        return lines;
    }

    public static async Task<List<ListLine>> LinesAsync(string text, ListReadOptions? options = null)
    {
        using MemoryStream stream = new(Shapes.Bytes(text));
        return await LinesAsync(stream, options);
    }

    /// <summary>The entries of a file without errors.</summary>
    public static async Task<List<HashEntry>> EntriesAsync(string text, ListReadOptions? options = null)
    {
        List<ListLine> lines = await LinesAsync(text, options);
        Assert.All(lines, line => Assert.Null(line.Error));
        return [.. lines.Where(line => line.Entry is not null).Select(line => line.Entry!)];
    }

    /// <summary>The one error of a file.</summary>
    public static async Task<ListLine> ErrorAsync(string text, ListReadOptions? options = null) =>
        Assert.Single(await LinesAsync(text, options), line => line.Error is not null);

    /// <summary>What a file comes to when it is loaded.</summary>
    public static async Task<(ListVersion Version, Dictionary<string, HashEntry> Entries)> LoadAsync(
        string text, ListReadOptions? options = null, StagingLimits? limits = null)
    {
        await using CatalogFixture fixture = await CatalogFixture.OpenAsync(limits: limits);
        await fixture.CreateAsync("l");
        using MemoryStream stream = new(Shapes.Bytes(text));
        StageResult result = CatalogFixture.Value(await fixture.Catalog.StageAsync(
            "l",
            HashListReader.ReadAsync(stream, options ?? new ListReadOptions(), Token),
            new StageOptions(),
            null,
            Token));
        Assert.Empty(result.Errors);
        Dictionary<EntryKey, HashEntry> entries = await fixture.EntriesAsync("l", result.Version!.Number);
        return (result.Version, entries.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value));
    }
}
