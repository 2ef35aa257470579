using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace HashMatch.Server.Recording;

/// <summary>
/// One file of the write-ahead log: a header of <see cref="HeaderBytes"/> bytes (magic with the format's version, the
/// log's id, XxHash3 of both), then frames. Its name is its number, which orders the files, and the log's id again.
/// </summary>
internal sealed class WalSegment(string path, long number, Guid log)
{
    /// <summary>Bytes before the first frame.</summary>
    public const int HeaderBytes = 32;

    /// <summary>Ends the names of segments.</summary>
    public const string Extension = ".wal";

    private const int LogAt = 8;
    private const int HashAt = 24;

    private static ReadOnlySpan<byte> Magic => "HMEVWAL1"u8;

    public string Path { get; } = path;

    /// <summary>Rises with every file of the folder.</summary>
    public long Number { get; } = number;

    /// <summary>A log is what one process wrote; its places begin with 1.</summary>
    public Guid Log { get; } = log;

    /// <summary>Bytes that may be read, the header's included.</summary>
    public long Bytes { get; set; }

    /// <summary>Nothing is added any more.</summary>
    public bool IsSealed { get; set; }

    /// <summary>The segment that a file's name tells of; null when it tells of none.</summary>
    public static WalSegment? OfFile(string path)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && long.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && Guid.TryParseExact(name.AsSpan(dash + 1), "N", out Guid log)
            ? new WalSegment(path, number, log)
            : null;
    }

    /// <summary>The name of a segment's file.</summary>
    public static string NameOf(long number, Guid log) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:D12}-{log:N}{Extension}");

    /// <summary>A segment's first bytes.</summary>
    public static byte[] HeaderOf(Guid log)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        log.TryWriteBytes(header.AsSpan(LogAt));
        BinaryPrimitives.WriteUInt64LittleEndian(
            header.AsSpan(HashAt), XxHash3.HashToUInt64(header.AsSpan(0, HashAt)));
        return header;
    }

    /// <summary>Whether these are a header of this segment.</summary>
    public bool IsHeader(ReadOnlySpan<byte> header) => header.SequenceEqual(HeaderOf(Log));

    /// <summary>Whether these are a whole header of a format that this build does not know.</summary>
    public static bool IsNewer(ReadOnlySpan<byte> header) =>
        header.Length == HeaderBytes
        && header.StartsWith(Magic[..^1]) && header[Magic.Length - 1] > Magic[^1]
        && BinaryPrimitives.ReadUInt64LittleEndian(header[HashAt..]) == XxHash3.HashToUInt64(header[..HashAt]);
}
