using System.Text;
using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Recovery;
using HashMatch.Tests.Matching;
using Xunit;

namespace HashMatch.Tests.Recovery;

public sealed class SnapshotFolderTests : IAsyncLifetime
{
    private const long NoLimit = long.MaxValue;

    private readonly string _path = Directory.CreateTempSubdirectory("hashmatch-tests-").FullName;
    private readonly ManualTime _time = new();
    private CatalogFixture _fixture = null!;
    private ListReplica _replica = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fixture = await CatalogFixture.OpenAsync(limits: CatalogFixture.SmallLimits);
        _replica = new ListReplica(_fixture.Store, new CurrentIndex(), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _replica.Dispose();
        await _fixture.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_saved_is_matched_against_without_the_store(bool encrypted)
    {
        await LoadAsync("a", seed: 1);
        await LoadAsync("b", seed: 2);
        using (SnapshotFolder folder = Open(encrypted))
        {
            Assert.Null(folder.Read());
            Assert.True(folder.IsDue(_replica, TimeSpan.FromMinutes(1)));
            Assert.True(await folder.SaveAsync(_replica, _fixture.Store, Token));
            Assert.False(folder.IsDue(_replica, TimeSpan.FromMinutes(1)));
        }

        using SnapshotFolder again = Open(encrypted);
        SavedLists saved = again.Read()!;
        Assert.Equal(_time.GetUtcNow(), saved.InStepAt);
        using CurrentIndex index = new();
        using ListReplica restored = new(_fixture.Store, index, _time);
        Assert.True(await again.RestoreAsync(saved, restored, Token));
        Assert.Equal(
            _replica.Content!.Lists.Select(list => list.Indexed!)
                .Select(list => (list.Name, list.Version, list.Content.Counts)),
            index.Value!.Lists.Select(list => (list.Name, list.Version, list.Content.Counts)));
        Assert.Equal(saved.InStepAt, restored.InStepAt);
        Assert.Equal(saved.InStepAt, restored.OutOfStepSince);
        Assert.NotNull(restored.Fault);
        Assert.False(await again.SaveAsync(restored, _fixture.Store, Token));
        Assert.Equal(!encrypted, Files().Any(file => File.ReadAllBytes(file).AsSpan().IndexOf("inStepAt"u8) >= 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_is_set_makes_a_save_due(int years)
    {
        await LoadAsync("a", seed: 1);
        using SnapshotFolder folder = Open(encrypted: false);
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        _time.Jump(TimeSpan.FromDays(365 * years));
        await _replica.RefreshAsync(Token);
        Assert.True(folder.IsDue(_replica, TimeSpan.FromMinutes(1)));
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        Assert.Equal(_time.GetUtcNow(), folder.InStepAt);
    }

    [Fact]
    public async Task A_save_writes_what_is_new_and_removes_what_is_named_no_more()
    {
        await LoadAsync("a", seed: 1);
        using SnapshotFolder folder = Open(encrypted: true);
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        string[] first = Files();
        Dictionary<string, DateTime> written = first.ToDictionary(file => file, File.GetLastWriteTimeUtc);
        File.WriteAllText(first[0] + ".tmp", "half");
        File.WriteAllText(Path.Combine(_path, "somebody's"), "stays");
        Assert.True((await _fixture.Catalog.AddEntriesAsync(
            "a", [Samples.Entry(new Random(99), HashType.Pdq)], Token)).IsOk);
        await _replica.RefreshAsync(Token);
        Assert.True(folder.IsDue(_replica, TimeSpan.FromMinutes(1)));
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        string[] second = Files();
        // The manifest and the document are others; the segments are the same files.
        Assert.Equal(first.Length - 2, second.Count(file =>
            written.TryGetValue(file, out DateTime at) && File.GetLastWriteTimeUtc(file) == at));
        Assert.Equal(first.Length + 1, second.Length);

        await LoadAsync("a", seed: 3);
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        Assert.DoesNotContain(Files().Intersect(first), file => Path.GetFileName(file) != "lists");
        Assert.True(File.Exists(Path.Combine(_path, "somebody's")));
    }

    [Fact]
    public async Task Files_that_are_damaged_are_never_matched_against_and_are_written_anew()
    {
        await LoadAsync("a", seed: 1);
        using SnapshotFolder folder = Open(encrypted: true);
        await folder.SaveAsync(_replica, _fixture.Store, Token);
        foreach (string file in Files())
        {
            byte[] content = File.ReadAllBytes(file);
            bool isLists = Path.GetFileName(file) == "lists";
            foreach (byte[] broken in (byte[][])[Flipped(content), content[..(content.Length / 2)], []])
            {
                File.WriteAllBytes(file, broken);
                using CurrentIndex index = new();
                using ListReplica restored = new(_fixture.Store, index, _time);
                await Assert.ThrowsAsync<SnapshotUnusableException>(async () =>
                    await folder.RestoreAsync(folder.Read()!, restored, Token));
                Assert.Null(index.Value);
                Assert.Equal(isLists, File.Exists(file));
                File.WriteAllBytes(file, content);
            }
        }

        string blob = Files().First(file => Path.GetFileName(file) != "lists");
        File.Delete(blob);
        using SnapshotFolder other = OpenAgain(folder);
        await other.SaveAsync(_replica, _fixture.Store, Token);
        Assert.True(File.Exists(blob));
    }

    [Fact]
    public async Task Another_key_does_not_open_them_and_its_own_take_their_place()
    {
        await LoadAsync("a", seed: 1);
        using (SnapshotFolder folder = Open(encrypted: true))
        {
            await folder.SaveAsync(_replica, _fixture.Store, Token);
        }

        string[] old = Files();
        SnapshotKey key = SnapshotKey.Read(new byte[SnapshotKey.KeyBytes])!;
        using SnapshotFolder other = SnapshotFolder.Open(_path, key, NoLimit);
        SnapshotUnusableException refused = Assert.Throws<SnapshotUnusableException>(() => other.Read());
        Assert.Contains("another key", refused.Message, StringComparison.Ordinal);
        await other.SaveAsync(_replica, _fixture.Store, Token);
        Assert.NotNull(other.Read());
        Assert.DoesNotContain(old, File.Exists);
    }

    [Fact]
    public async Task Lists_that_take_more_than_they_may_are_not_saved_and_the_last_ones_stay()
    {
        await LoadAsync("a", seed: 1);
        using (SnapshotFolder folder = Open(encrypted: true))
        {
            await folder.SaveAsync(_replica, _fixture.Store, Token);
        }

        await LoadAsync("b", seed: 2);
        using SnapshotFolder small = SnapshotFolder.Open(_path, Key(), maxBytes: 4096);
        await Assert.ThrowsAsync<SnapshotUnusableException>(
            () => small.SaveAsync(_replica, _fixture.Store, Token));
        Assert.Equal("a", Assert.Single(small.Read()!.Lists).Name);
    }

    [Fact]
    public void A_folder_has_one_owner()
    {
        using SnapshotFolder folder = Open(encrypted: true);
        Assert.Throws<SnapshotUnusableException>(() => Open(encrypted: true));
    }

    private static byte[] Flipped(byte[] content)
    {
        byte[] flipped = [.. content];
        flipped[^1] ^= 1;
        return flipped;
    }

    private static SnapshotKey Key() => SnapshotKey.Read(Encoding.ASCII.GetBytes(new string('7', 64)))!;

    private SnapshotFolder Open(bool encrypted) => SnapshotFolder.Open(_path, encrypted ? Key() : null, NoLimit);

    private SnapshotFolder OpenAgain(SnapshotFolder folder)
    {
        folder.Dispose();
        return Open(encrypted: true);
    }

    private string[] Files() =>
        [.. Directory.EnumerateDirectories(_path).SelectMany(Directory.EnumerateFiles).Order(StringComparer.Ordinal)];

    private async Task LoadAsync(string name, int seed)
    {
        Random random = new(seed);
        await _fixture.LoadAsync(
            name, Enumerable.Range(0, 60).Select(i => Samples.Entry(random, Samples.Type(random), $"{i}")));
        await _replica.RefreshAsync(Token);
        Assert.Null(_replica.Fault);
    }
}
