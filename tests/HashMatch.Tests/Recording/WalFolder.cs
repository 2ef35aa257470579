using System.Text;
using HashMatch.Server.Recording;
using HashMatch.Server.Telemetry;
using Microsoft.Win32.SafeHandles;

namespace HashMatch.Tests.Recording;

/// <summary>A folder with a write-ahead log, and what a test knows of it.</summary>
internal sealed class WalFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hashmatch-wal-").FullName;
    private readonly ServerMetrics _metrics = new();
    private readonly EventMetrics _events;
    private int _images;

    public WalFolder()
    {
        Path = System.IO.Path.Combine(_root, "log");
        _events = new EventMetrics(_metrics);
    }

    public string Path { get; private set; }

    public SteppedTime Time { get; } = new();

    public LoggedLines<EventWal> Log { get; } = new();

    /// <summary>Asked at every sync; throws for a disk that fails.</summary>
    public Action<SafeFileHandle> Sync { get; set; } = WalDisk.Sync;

    /// <summary>Its segments, oldest first.</summary>
    public string[] Files =>
        [.. Directory.GetFiles(Path, "*" + WalSegment.Extension).Order(StringComparer.Ordinal)];

    public static byte[] Document(int number) => Encoding.UTF8.GetBytes($"event {number}");

    public EventWal Open(long maxBytes = 1 << 30) =>
        new(Path, maxBytes, Time, Log, _events, file => Sync(file));

    /// <summary>Goes on in a copy of the folder: what a process that was killed leaves.</summary>
    public void Crash()
    {
        string image = System.IO.Path.Combine(_root, $"image-{++_images}");
        Directory.CreateDirectory(image);
        foreach (string file in Files)
        {
            File.Copy(file, System.IO.Path.Combine(image, System.IO.Path.GetFileName(file)));
        }

        Path = image;
    }

    /// <summary>Adds events and commits them.</summary>
    public static bool Commit(EventWal wal, IEnumerable<int> numbers, bool durable = true)
    {
        foreach (int number in numbers)
        {
            wal.Add(Document(number));
        }

        return wal.TryCommit(durable);
    }

    /// <summary>Reads everything, and lets go of it.</summary>
    /// <param name="wal">Where.</param>
    /// <param name="limit">Events of one batch.</param>
    public static List<string> Drain(EventWal wal, int limit = 7)
    {
        List<string> read = [];
        while (wal.Read(limit) is { } batch)
        {
            read.AddRange(batch.Documents.Select(document => Encoding.UTF8.GetString(document.Span)));
            wal.LetGo(batch, batch.Last);
        }

        return read;
    }

    /// <summary>Opens, reads everything, closes.</summary>
    public List<string> Read()
    {
        using EventWal wal = Open();
        Xunit.Assert.True(wal.TryOpen(), wal.Problem);
        return Drain(wal);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
