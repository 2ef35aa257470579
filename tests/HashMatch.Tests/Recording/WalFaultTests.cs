using HashMatch.Server.Recording;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace HashMatch.Tests.Recording;

/// <summary>Disks that do not take what they are given.</summary>
public sealed class WalFaultTests(ITestOutputHelper output) : IDisposable
{
    private readonly WalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_whose_sync_failed_is_not_trusted_again_and_all_that_was_in_doubt_is_written_anew()
    {
        List<SafeFileHandle> synced = [];
        bool fails = false;
        _folder.Sync = file =>
        {
            Assert.DoesNotContain(synced, earlier => earlier.IsClosed && ReferenceEquals(earlier, file));
            synced.Add(file);
            if (fails)
            {
                fails = false;
                throw new IOException("injected");
            }

            WalDisk.Sync(file);
        };
        using EventWal wal = _folder.Open();
        Assert.True(WalFolder.Commit(wal, [1, 2]));
        string first = _folder.Files.Single();
        // Nobody waits for these: they are written, and not on disk yet.
        Assert.True(WalFolder.Commit(wal, [3, 4], durable: false));
        Assert.Single(synced);
        fails = true;
        Assert.True(WalFolder.Commit(wal, [5, 6]));
        Assert.Equal(3, synced.Count);
        Assert.NotSame(synced[1], synced[2]);
        Assert.True(synced[1].IsClosed);
        Assert.Equal(2, _folder.Files.Length);
        Assert.Null(wal.Problem);

        // The failed sync may have lost all that was not synced: this is the disk then.
        _folder.Crash();
        string lost = Path.Combine(_folder.Path, Path.GetFileName(first));
        byte[] bytes = File.ReadAllBytes(lost);
        int end = WalSegment.HeaderBytes + ((WalFrame.HeaderBytes + WalFolder.Document(1).Length) * 2);
        File.WriteAllBytes(lost, bytes[..end]);
        Assert.Equal(EventWalTests.Names(1, 6), _folder.Read());
    }

    [Fact]
    public void Events_that_were_written_anew_are_read_once()
    {
        bool fails = false;
        _folder.Sync = _ =>
        {
            if (fails)
            {
                fails = false;
                throw new IOException("injected");
            }
        };
        using EventWal wal = _folder.Open();
        Assert.True(WalFolder.Commit(wal, [1, 2, 3], durable: false));
        WalBatch batch = wal.Read(2)!;
        wal.LetGo(batch, 0);
        fails = true;
        Assert.True(WalFolder.Commit(wal, [4]));
        _ = Assert.Single(_folder.Log.Said, line => line.Contains("in a new file", StringComparison.Ordinal));
        Assert.Equal(EventWalTests.Names(3, 2), WalFolder.Drain(wal));
    }

    [Fact]
    public void While_the_disk_fails_nothing_is_kept_and_no_file_is_left_and_later_all_is_well()
    {
        bool fails = true;
        int syncs = 0;
        _folder.Sync = file =>
        {
            syncs++;
            if (fails)
            {
                throw new IOException("injected");
            }

            WalDisk.Sync(file);
        };
        using EventWal wal = _folder.Open();
        Assert.False(WalFolder.Commit(wal, [1]));
        Assert.Equal("injected", wal.Problem);
        Assert.Equal(2, syncs);
        Assert.Empty(_folder.Files);
        // Not a try for every verdict.
        Assert.False(WalFolder.Commit(wal, [2]));
        Assert.Equal(2, syncs);
        _folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(WalFolder.Commit(wal, [3]));
        Assert.Equal(4, syncs);
        fails = false;
        _folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(WalFolder.Commit(wal, [4]));
        Assert.Null(wal.Problem);
        Assert.Equal(EventWalTests.Names(4, 1), WalFolder.Drain(wal));
        _ = Assert.Single(_folder.Log.Said, line => line.Contains("takes none now", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_order_of_commits_failures_reads_and_kills_keeps_what_was_acknowledged_once_and_in_order()
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int failures = 0;
        int crashes = 0;
        for (int round = 0; round < 40; round++)
        {
            using WalFolder folder = new();
            Play(folder, random, ref failures, ref crashes);
        }

        output.WriteLine($"{failures} commits refused, {crashes} kills");
        Assert.True(failures > 20 && crashes > 20);
    }

    // The store's side is a list and a place for each log, as a store keeps them.
    private static void Play(WalFolder folder, Random random, ref int failures, ref int crashes)
    {
        List<int> acknowledged = [];
        List<string> stored = [];
        Dictionary<string, long> places = [];
        int next = 0;
        int failing = 0;
        folder.Sync = _ =>
        {
            if (failing > 0)
            {
                failing--;
                throw new IOException("injected");
            }
        };
        EventWal wal = folder.Open(1 << 20);
        Assert.True(wal.TryOpen(), wal.Problem);
        for (int step = 0; step < 200; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    failing = random.Next(1, 5);
                    break;
                case 1:
                    // A kill, with or without an answer of the store on its way.
                    folder.Crash();
                    wal.Dispose();
                    wal = folder.Open(1 << 20);
                    Assert.True(wal.TryOpen(), wal.Problem);
                    crashes++;
                    break;
                case < 5:
                    Store(wal, random.Next(1, 40), letGo: random.Next(4) > 0);
                    break;
                default:
                    int[] numbers = [.. Enumerable.Range(next, random.Next(1, 300))];
                    next += numbers.Length;
                    if (WalFolder.Commit(wal, numbers, durable: random.Next(3) > 0))
                    {
                        acknowledged.AddRange(numbers);
                    }
                    else
                    {
                        failures++;
                        folder.Time.Advance(TimeSpan.FromSeconds(2));
                    }

                    break;
            }
        }

        while (Store(wal, 100, letGo: true))
        {
        }

        wal.Dispose();
        Assert.Empty(folder.Files);
        Assert.Equal(acknowledged.Select(number => $"event {number}"), stored);

        bool Store(EventWal from, int limit, bool letGo)
        {
            if (from.Read(limit) is not { } batch)
            {
                return false;
            }

            long place = places.GetValueOrDefault(batch.Log);
            stored.AddRange(batch.Documents
                .Where((_, i) => batch.First + i > place)
                .Select(document => System.Text.Encoding.UTF8.GetString(document.Span)));
            places[batch.Log] = Math.Max(place, batch.Last);
            if (letGo)
            {
                from.LetGo(batch, places[batch.Log]);
            }

            return true;
        }
    }
}
