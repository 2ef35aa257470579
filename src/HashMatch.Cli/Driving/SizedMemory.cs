using HashMatch.Matching;
using HashMatch.Matching.Index;

namespace HashMatch.Cli.Driving;

/// <summary>The memory of a service with so many entries: of its process as measured, and of its index as computed.
/// </summary>
/// <param name="Entries">PDQ hashes with an id.</param>
/// <param name="Bytes">While it serves.</param>
/// <param name="BuildingBytes">While it builds the index.</param>
internal sealed record SizedMemory(long Entries, long Bytes, long BuildingBytes)
{
    // An id of an exchange, about.
    private const int IdBytes = 12;

    /// <summary>The numbers of entries that are told about.</summary>
    public static IReadOnlyList<long> Steps { get; } = [100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>Computed from what a service with some entries was seen to take.</summary>
    /// <param name="entries">How many.</param>
    /// <param name="seenEntries">Of the service that was seen.</param>
    /// <param name="seenBytes">Its resident memory at its largest.</param>
    public static unsafe SizedMemory Of(long entries, long seenEntries, long seenBytes)
    {
        long rest = Math.Max(0, seenBytes - Held(seenEntries));
        long values = entries * (sizeof(HashValue) + IdBytes);
        return new SizedMemory(
            entries, rest + Held(entries), rest + values + HammingTable.Estimate(entries).Building);

        static long Held(long count) =>
            HammingTable.Estimate(count).Held + (count * (sizeof(HashValue) + IdBytes));
    }
}
