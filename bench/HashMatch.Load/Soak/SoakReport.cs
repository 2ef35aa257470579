namespace HashMatch.Load.Soak;

/// <summary>Whether what a server holds is flat after its warm-up.</summary>
internal static class SoakReport
{
    /// <summary>The first part of the time, in which pools fill and compilers work.</summary>
    public const double WarmUp = 0.4;

    // Growth that is noise: of memory, a share of its mean or so much, of handles and threads so many.
    private const double MemoryShare = 0.15;
    private const double MemoryMb = 32;
    private const double Few = 12;

    /// <summary>The line above the samples.</summary>
    public const string Header = "    time   RSS MB  workers MB  handles  threads  workers       calls";

    /// <summary>One sample as a line.</summary>
    public static string Line(SoakSample sample) =>
        $"{sample.At,8:hh\\:mm\\:ss} {sample.ResidentMb,8:F0} {sample.WorkersMb,11:F0} {sample.Handles,8} "
        + $"{sample.Threads,8} {sample.Workers,8} {sample.Calls,11}";

    /// <summary>The trends in words, and what is not flat.</summary>
    /// <returns>What is wrong; empty when all is flat.</returns>
    public static IReadOnlyList<string> Judge(IReadOnlyList<SoakSample> samples, Action<string> write)
    {
        SoakSample[] steady = [.. samples.Where(sample => sample.At >= samples[^1].At * WarmUp)];
        List<string> wrong = [];
        foreach ((string name, Func<SoakSample, double> figure, bool isMemory) in
            (ReadOnlySpan<(string, Func<SoakSample, double>, bool)>)
            [
                ("RSS, MB", s => s.ResidentMb, true), ("workers' RSS, MB", s => s.WorkersMb, true),
                ("handles", s => s.Handles, false), ("threads", s => s.Threads, false),
            ])
        {
            SoakTrend trend = SoakTrend.Of(steady, figure);
            double most = isMemory ? Math.Max(MemoryMb, trend.Mean * MemoryShare) : Few;
            write($"{name,-18} mean {trend.Mean,8:F1}, grows by {trend.Growth,7:F1} in the time measured, "
                + $"{trend.PerHour,8:F1} an hour (at most {most:F0})");
            if (trend.Growth > most)
            {
                wrong.Add($"{name} grows by {trend.Growth:F1}");
            }
        }

        if (samples[^1].Zombies > 0)
        {
            wrong.Add($"{samples[^1].Zombies} zombies");
        }

        return wrong;
    }
}
