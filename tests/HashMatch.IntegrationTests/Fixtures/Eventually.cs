using Xunit;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>Waits for a condition by looking again and again, up to a deadline that a loaded machine keeps too.
/// </summary>
public static class Eventually
{
    /// <summary>How long anything may take that is not a fault of the code.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(
        Func<Task<bool>> condition, string what, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                cancellation.ThrowIfCancellationRequested();
                Assert.Fail($"Not within {Deadline.TotalSeconds} s: {what}.");
            }
            await Task.Delay(5, cancellation);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what, CancellationToken cancellation) =>
        TrueAsync(() => Task.FromResult(condition()), what, cancellation);
}
