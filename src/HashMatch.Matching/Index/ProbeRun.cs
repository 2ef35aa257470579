namespace HashMatch.Matching.Index;

/// <summary>Buckets of one chunk whose candidates pass by the same limit.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Limit">Most bits in which a signature may differ, 0 to 16.</param>
/// <param name="Masks">What the query's bucket is XORed with; pinned, for the life of the process.</param>
/// <param name="Count">Masks; 1 to <see cref="SearchPlan.LongestRun"/>.</param>
internal readonly unsafe record struct ProbeRun(int Chunk, int Limit, nint Masks, int Count)
{
    public uint* First => (uint*)Masks;
}
