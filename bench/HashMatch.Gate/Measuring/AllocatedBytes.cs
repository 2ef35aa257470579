using HashMatch.Gate.Cases;

namespace HashMatch.Gate.Measuring;

/// <summary>Managed bytes of an operation in steady state.</summary>
internal static class AllocatedBytes
{
    private const int WarmUp = 64;
    private const int Batch = 256;

    // Calls wait for the other threads' turns: on a machine that is busy they take long.
    private const int ServedBatch = 64;
    private const int Tries = 8;

    /// <summary>
    /// The mean of a batch, and of some batches the least: a collection may have dropped pooled buffers in the others.
    /// </summary>
    public static double Measure(GateCase done)
    {
        int batch = done.IsOnOneThread ? Batch : ServedBatch;
        Repeat(done, WarmUp);
        long least = long.MaxValue;
        for (int i = 0; i < Tries; i++)
        {
            long start = Read(done);
            Repeat(done, batch);
            least = Math.Min(least, Read(done) - start);
        }

        return (double)least / batch;
    }

    private static long Read(GateCase done) => done.IsOnOneThread
        ? GC.GetAllocatedBytesForCurrentThread()
        : GC.GetTotalAllocatedBytes(precise: true);

    private static void Repeat(GateCase done, int times)
    {
        for (int i = 0; i < times; i++)
        {
            done.Run();
        }
    }
}
