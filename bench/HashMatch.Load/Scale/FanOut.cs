namespace HashMatch.Load.Scale;

/// <summary>
/// A change goes from the store to every replica: they fetch at the same time, share what the store sends as equally as
/// the replicas' own links allow, and each builds its index when it has all.
/// </summary>
internal static class FanOut
{
    /// <summary>Simulates.</summary>
    public static FanOutFigures Run(FanOutOptions options)
    {
        var draws = new Draws(options.Seed);
        double[] starts = [.. Enumerable.Range(0, options.Replicas)
            .Select(_ => draws.Share() * options.StartWithin).Order()];
        double[] fetched = Fetch(starts, options);
        return new FanOutFigures(
            options.Bytes * options.Replicas,
            fetched[0],
            fetched[^1],
            fetched[0] + options.BuildSeconds,
            fetched[^1] + options.BuildSeconds);
    }

    /// <summary>When each has all bytes.</summary>
    /// <param name="starts">When each begins, in order.</param>
    /// <param name="options">The rates.</param>
    public static double[] Fetch(double[] starts, FanOutOptions options)
    {
        // All that fetch have the same rate, so they are done in the order in which they began: each once `behind`,
        // what one that began at 0 would have, has grown by the bytes.
        double now = 0;
        double behind = 0;
        int began = 0;
        int done = 0;
        double[] due = new double[starts.Length];
        double[] fetched = new double[starts.Length];
        while (done < starts.Length)
        {
            int active = began - done;
            double rate = active == 0 ? 0 : Math.Min(options.BytesPerSecond, options.StoreBytesPerSecond / active);
            double next = began < starts.Length ? starts[began] : double.PositiveInfinity;
            double end = active == 0 ? double.PositiveInfinity : now + ((due[done] - behind) / rate);
            if (end <= next)
            {
                behind = due[done];
                now = end;
                fetched[done++] = now;
            }
            else
            {
                behind += rate * (next - now);
                now = next;
                due[began++] = behind + options.Bytes;
            }
        }

        return fetched;
    }
}
