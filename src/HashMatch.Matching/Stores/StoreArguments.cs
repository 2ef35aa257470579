using System.Buffers;
using System.Runtime.InteropServices;

namespace HashMatch.Matching.Stores;

/// <summary>What every store asks of its callers; a breach is a programmer's error and throws.</summary>
internal static class StoreArguments
{
    /// <summary>Bytes of a blob: above 2 MiB Redis's allocator rounds up by a quarter.</summary>
    public const int MaxBlobBytes = 2 * 1024 * 1024;

    /// <summary>Lines that a list's change log keeps, at least.</summary>
    public const int MaxChanges = 1000;

    /// <summary>Events that a store keeps, unless told otherwise.</summary>
    public const int MaxEvents = 1_000_000;

    /// <summary>How long the place in a sender's log of events is kept after its last append.</summary>
    public static readonly TimeSpan EventLogLife = TimeSpan.FromDays(30);

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static void CheckWrite(StoredList list, long expectedRevision)
    {
        ArgumentException.ThrowIfNullOrEmpty(list.Name);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(list.Revision, expectedRevision);
    }

    public static void CheckWrite(StoredDocument document, long expectedRevision)
    {
        ArgumentException.ThrowIfNullOrEmpty(document.Group);
        ArgumentException.ThrowIfNullOrEmpty(document.Key);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(document.Revision, expectedRevision);
    }

    public static void CheckBlob(string list, string id, ReadOnlyMemory<byte> data)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        if (id.Length != 32 || id.AsSpan().ContainsAnyExcept(HexDigits))
            throw new ArgumentException("A blob's id is 32 lower-case hex digits.", nameof(id));
        if (data.Length > MaxBlobBytes)
            throw new ArgumentException($"A blob holds {MaxBlobBytes} bytes at most.", nameof(data));
    }

    public static void CheckLog(string log, long first)
    {
        if (log.Length != 32 || log.AsSpan().ContainsAnyExcept(HexDigits))
            throw new ArgumentException("A log's id is 32 lower-case hex digits.", nameof(log));
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
    }

    /// <summary>The array itself where the memory is one whole array, else a copy.</summary>
    public static byte[] ToArray(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment)
        && segment.Array is { } array && segment.Count == array.Length
            ? array
            : data.ToArray();
}
