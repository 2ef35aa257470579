namespace HashMatch.FaultTests.Serving;

/// <summary>How much time the tests of this project take: HASHMATCH_LONG=1 gives them ten times as much.</summary>
internal static class LongRuns
{
    /// <summary>More rounds, more files, more time.</summary>
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("HASHMATCH_LONG") == "1";

    /// <summary>A number of rounds, or ten times as many.</summary>
    public static int Times(int rounds) => IsAsked ? rounds * 10 : rounds;

    /// <summary>A time, or ten times as long.</summary>
    public static TimeSpan Time(TimeSpan time) => IsAsked ? time * 10 : time;
}
