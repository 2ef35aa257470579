using Xunit;

namespace HashMatch.FaultTests;

/// <summary>One row of the fault matrix, as a test's output shows it.</summary>
internal static class FaultRow
{
    /// <summary>Writes the row: what was injected, what is expected, what was seen.</summary>
    public static void Seen(string injected, string expected, string seen) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"| {injected} | {expected} | {seen} |");
}
