using System.Text;
using HashMatch.Server.Recording;
using Xunit;

namespace HashMatch.Tests.Recording;

/// <summary>The write-ahead log of events: what was committed is read, in order, and nothing else.</summary>
public sealed class EventWalTests : IDisposable
{
    private readonly WalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_committed_is_read_in_order_by_this_process_and_by_the_next()
    {
        using (EventWal wal = _folder.Open())
        {
            Assert.True(WalFolder.Commit(wal, Enumerable.Range(0, 40)));
            Assert.Equal(Names(0, 40), WalFolder.Drain(wal));
            Assert.Null(wal.Read(1));
            Assert.True(WalFolder.Commit(wal, Enumerable.Range(40, 10), durable: false));
            WalBatch batch = wal.Read(3)!;
            Assert.Equal((41L, 43L), (batch.First, batch.Last));
            // Until they are let go of, they are the next ones.
            Assert.Equal(batch.First, wal.Read(3)!.First);
            _folder.Crash();
        }

        // The store passes over what it has by the places.
        Assert.Equal(Names(0, 50), _folder.Read());
        Assert.Empty(_folder.Files);
        Assert.Empty(_folder.Read());
    }

    [Fact]
    public void A_log_that_was_read_whole_leaves_no_file_when_it_is_closed()
    {
        using (EventWal wal = _folder.Open())
        {
            Assert.True(WalFolder.Commit(wal, [1, 2]));
            Assert.Single(_folder.Files);
            Assert.Equal(Names(1, 2), WalFolder.Drain(wal));
        }

        Assert.Empty(_folder.Files);
        using EventWal again = _folder.Open();
        Assert.True(WalFolder.Commit(again, [3]));
        again.Dispose();
        Assert.Single(_folder.Files);
        Assert.Equal(Names(3, 1), _folder.Read());
    }

    [Fact]
    public void A_store_that_has_more_than_was_let_go_of_is_not_sent_it_again()
    {
        using EventWal wal = _folder.Open();
        Assert.True(WalFolder.Commit(wal, Enumerable.Range(1, 30)));
        WalBatch batch = wal.Read(5)!;
        wal.LetGo(batch, 20);
        Assert.Equal(21, wal.Read(5)!.First);
    }

    [Fact]
    public void Files_are_let_go_of_one_by_one_and_the_bound_is_kept()
    {
        const long Bound = 1 << 20;
        byte[] document = new byte[1000];
        using EventWal wal = _folder.Open(Bound);
        int written = 0;
        while (Commit())
        {
            written++;
            Assert.InRange(wal.Bytes, 1, Bound);
        }

        Assert.InRange(written, 900, 1050);
        Assert.True(_folder.Files.Length >= 8, $"{_folder.Files.Length} files");
        Assert.Equal(_folder.Files.Sum(file => new FileInfo(file).Length), wal.Bytes);
        Assert.Contains("the store has not taken", wal.Problem, StringComparison.Ordinal);
        int read = 0;
        for (; read < 300; read++)
        {
            wal.LetGo(wal.Read(1)!, 0);
        }

        Assert.True(Commit());
        Assert.Null(wal.Problem);
        for (written++; wal.Read(100) is { } batch; read += batch.Documents.Count)
        {
            wal.LetGo(batch, 0);
        }

        Assert.Equal(written, read);
        Assert.True(_folder.Files.Length <= 1, $"{_folder.Files.Length} files");

        bool Commit()
        {
            wal.Add(document);
            return wal.TryCommit(durable: false);
        }
    }

    [Fact]
    public void A_document_may_be_as_large_as_is_said()
    {
        using EventWal wal = _folder.Open();
        byte[] large = new byte[WalFrame.MaxDocumentBytes];
        new Random(5).NextBytes(large);
        wal.Add([1]);
        wal.Add(large);
        wal.Add([2]);
        Assert.True(wal.TryCommit(durable: true));
        List<byte[]> read = [];
        while (wal.Read(10) is { } batch)
        {
            read.AddRange(batch.Documents.Select(document => document.ToArray()));
            wal.LetGo(batch, 0);
        }

        Assert.Equal([[1], large, [2]], read);
        Assert.Throws<ArgumentOutOfRangeException>(() => wal.Add(new byte[large.Length + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => wal.Add([]));
    }

    [Fact]
    public void A_second_process_does_not_get_the_folder()
    {
        using EventWal first = _folder.Open();
        Assert.True(first.TryOpen());
        using EventWal second = _folder.Open();
        Assert.False(second.TryOpen());
        Assert.NotNull(second.Problem);
        Assert.False(WalFolder.Commit(second, [1]));
        Assert.True(WalFolder.Commit(first, [2]));
        first.Dispose();
        _folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(WalFolder.Commit(second, [3]));
        Assert.Null(second.Problem);
        Assert.Equal(Names(2, 2), WalFolder.Drain(second));
    }

    [Fact]
    public void Files_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        using EventWal wal = _folder.Open();
        Assert.True(WalFolder.Commit(wal, [1]));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(_folder.Path));
        string[] files = Directory.GetFiles(_folder.Path);
        Assert.Equal(2, files.Length);
        foreach (string file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        using (EventWal wal = _folder.Open())
        {
            Assert.True(WalFolder.Commit(wal, [1]));
        }

        byte[] newer = WalSegment.HeaderOf(Guid.NewGuid());
        newer[7] = (byte)'2';
        BitConverter.TryWriteBytes(
            newer.AsSpan(24), System.IO.Hashing.XxHash3.HashToUInt64(newer.AsSpan(0, 24)));
        File.WriteAllBytes(_folder.Files[0], newer);
        using EventWal old = _folder.Open();
        Assert.False(old.TryOpen());
        Assert.Contains("newer version", old.Problem, StringComparison.Ordinal);
        Assert.Equal(newer, File.ReadAllBytes(_folder.Files[0]));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_problem_until_it_can()
    {
        File.WriteAllText(_folder.Path, "a file");
        using EventWal wal = _folder.Open();
        Assert.False(wal.TryOpen());
        Assert.False(WalFolder.Commit(wal, [1]));
        File.Delete(_folder.Path);
        Assert.False(WalFolder.Commit(wal, [2]));
        _folder.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(WalFolder.Commit(wal, [3]));
        Assert.Equal(Names(3, 1), WalFolder.Drain(wal));
        Assert.Contains(_folder.Log.Said, line => line.Contains("takes them again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_gone_is_told_of_and_the_rest_is_read()
    {
        byte[] document = new byte[60_000];
        using (EventWal wal = _folder.Open(1 << 20))
        {
            for (int i = 0; i < 9; i++)
            {
                wal.Add(document);
                Assert.True(wal.TryCommit(durable: true));
            }
        }

        string[] files = _folder.Files;
        Assert.True(files.Length >= 3);
        using EventWal again = _folder.Open();
        Assert.True(again.TryOpen());
        File.Delete(files[1]);
        int read = WalFolder.Drain(again).Count;
        Assert.InRange(read, 5, 8);
        Assert.Contains(_folder.Log.Said, line => line.Contains("is gone", StringComparison.Ordinal));
    }

    internal static IEnumerable<string> Names(int first, int count) => Enumerable.Range(first, count)
        .Select(number => Encoding.UTF8.GetString(WalFolder.Document(number)));
}
