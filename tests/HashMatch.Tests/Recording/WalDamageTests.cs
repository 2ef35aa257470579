using HashMatch.Server.Recording;
using Xunit;

namespace HashMatch.Tests.Recording;

/// <summary>Files of the write-ahead log that were cut off or changed: what is whole is read, the rest is told.
/// </summary>
public sealed class WalDamageTests(ITestOutputHelper output) : IDisposable
{
    private readonly WalFolder _folder = new();
    private string _name = "";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_cut_off_at_any_byte_gives_the_events_before_the_cut()
    {
        byte[] whole = Write(20);
        int[] ends = Ends(20);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(_folder.Files[0], whole[..cut]);
            string[] expected = [.. EventWalTests.Names(0, ends.Count(end => end <= cut))];
            int said = _folder.Log.Said.Count;
            Assert.Equal(expected, _folder.Read());
            // A cut between two events cannot be seen, and one within the first bytes leaves nothing to tell of.
            bool isClean = cut <= WalSegment.HeaderBytes || ends.Contains(cut);
            Assert.Equal(isClean ? 0 : 1, _folder.Log.Said.Count - said);
            Restore(whole);
        }
    }

    [Fact]
    public void A_byte_changed_anywhere_costs_the_one_event_that_it_is_in_and_is_told()
    {
        const int Events = 12;
        byte[] whole = Write(Events);
        int[] ends = Ends(Events);
        var random = new Random(7);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(_folder.Files[0], changed);
            int hurt = at < WalSegment.HeaderBytes ? -1 : Array.FindIndex(ends, end => at < end);
            int said = _folder.Log.Said.Count;
            Assert.Equal(EventWalTests.Names(0, Events).Where((_, i) => i != hurt), _folder.Read());
            string line = Assert.Single(_folder.Log.Said.Skip(said));
            Assert.StartsWith(hurt == Events - 1 ? "Warning" : "Error", line, StringComparison.Ordinal);
            if (hurt is > 0 and < Events - 1)
            {
                Assert.EndsWith("events lost there: 1", line, StringComparison.Ordinal);
            }

            Restore(whole);
        }
    }

    [Fact]
    public void Ranges_overwritten_at_random_cost_the_events_that_they_are_in()
    {
        const int Events = 3000;
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] whole = Write(Events);
        int[] ends = Ends(Events);
        for (int round = 0; round < 30; round++)
        {
            byte[] changed = [.. whole];
            bool[] hurt = new bool[Events];
            for (int range = random.Next(1, 6); range > 0; range--)
            {
                int from = random.Next(WalSegment.HeaderBytes, whole.Length);
                int to = Math.Min(from + random.Next(1, 3000), whole.Length);
                // Zeros are what a file system leaves of blocks that were never written.
                random.NextBytes(changed.AsSpan(from, to - from));
                if (random.Next(2) == 0)
                {
                    changed.AsSpan(from, to - from).Clear();
                }

                for (int i = 0; i < Events; i++)
                {
                    int start = i == 0 ? WalSegment.HeaderBytes : ends[i - 1];
                    hurt[i] |= start < to && from < ends[i] && !changed.AsSpan(start..ends[i])
                        .SequenceEqual(whole.AsSpan(start..ends[i]));
                }
            }

            File.WriteAllBytes(_folder.Files[0], changed);
            Assert.Equal(EventWalTests.Names(0, Events).Where((_, i) => !hurt[i]), _folder.Read());
            Restore(whole);
        }
    }

    [Fact]
    public void Damage_larger_than_what_is_read_at_once_is_passed_over()
    {
        byte[] document = new byte[1000];
        using (EventWal wal = _folder.Open())
        {
            for (int i = 0; i < 5000; i++)
            {
                document[0] = (byte)i;
                wal.Add(document);
            }

            Assert.True(wal.TryCommit(durable: true));
        }

        byte[] bytes = File.ReadAllBytes(_folder.Files[0]);
        int frame = WalFrame.HeaderBytes + document.Length;
        bytes.AsSpan(WalSegment.HeaderBytes + (frame * 100), frame * 4000).Fill(0x01);
        File.WriteAllBytes(_folder.Files[0], bytes);
        Assert.Equal(1000, _folder.Read().Count);
        Assert.EndsWith("events lost there: 4000", Assert.Single(_folder.Log.Said), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_another_log_is_none_of_this_one()
    {
        byte[] mine = Write(3);
        string file = _folder.Files[0];
        byte[] other;
        using (WalFolder folder = new())
        {
            using (EventWal wal = folder.Open())
            {
                Assert.True(WalFolder.Commit(wal, Enumerable.Range(0, 4)));
            }

            other = File.ReadAllBytes(folder.Files[0]);
        }

        // As a disk does that hands out blocks of a deleted file.
        File.WriteAllBytes(file, [.. mine, .. other.AsSpan(mine.Length)]);
        Assert.Equal(EventWalTests.Names(0, 3), _folder.Read());
        Assert.StartsWith("Warning", Assert.Single(_folder.Log.Said), StringComparison.Ordinal);
    }

    private static int[] Ends(int events)
    {
        int end = WalSegment.HeaderBytes;
        return [.. Enumerable.Range(0, events).Select(
            number => end += WalFrame.HeaderBytes + WalFolder.Document(number).Length)];
    }

    private byte[] Write(int events)
    {
        using (EventWal wal = _folder.Open())
        {
            Assert.True(WalFolder.Commit(wal, Enumerable.Range(0, events)));
        }

        _name = Path.GetFileName(_folder.Files.Single());
        return File.ReadAllBytes(_folder.Files[0]);
    }

    private void Restore(byte[] whole) => File.WriteAllBytes(Path.Combine(_folder.Path, _name), whole);
}
