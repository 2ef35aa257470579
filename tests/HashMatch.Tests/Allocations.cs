namespace HashMatch.Tests;

/// <summary>What the calling thread allocates.</summary>
internal static class Allocations
{
    private const int Tries = 1000;

    /// <summary>
    /// Managed bytes of one call in steady state: the least of some tries counts, since another test may have a pooled
    /// buffer for a moment, and a collection may drop it.
    /// </summary>
    /// <param name="work">Run at least twice.</param>
    /// <param name="enough">So few that no further try is needed.</param>
    public static long Least(Action work, long enough = 0)
    {
        work();
        long least = long.MaxValue;
        for (int i = 0; i < Tries && least > enough; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
