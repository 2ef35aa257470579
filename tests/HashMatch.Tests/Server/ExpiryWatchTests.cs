using HashMatch.Matching;
using HashMatch.Matching.Index;
using HashMatch.Server.Replica;
using HashMatch.Tests.Matching;
using Microsoft.Extensions.Logging;
using Xunit;

namespace HashMatch.Tests.Server;

/// <summary>Lists that expire are told of in the log, in time and not over and over.</summary>
public sealed class ExpiryWatchTests
{
    [Fact]
    public void A_list_is_warned_of_daily_in_its_last_week_and_once_when_it_is_over()
    {
        ManualTime time = new();
        using CurrentIndex current = new();
        current.Publish(Contents.Index(
            Contents.List(
                "short",
                new MatchPolicy { ExpiresAt = time.GetUtcNow().AddDays(9) },
                Samples.Entry(Samples.Pdq(new Random(1)))),
            Contents.List("long", new MatchPolicy(), Samples.Entry(Samples.Pdq(new Random(2))))));
        Lines lines = new();
        using ExpiryWatch watch = new(current, time, lines);
        for (int hour = 0; hour < 24 * 12; hour++)
        {
            watch.Look();
            time.Advance(TimeSpan.FromHours(1));
        }

        Assert.All(lines.Said, line => Assert.Contains("List short expire", line, StringComparison.Ordinal));
        Assert.Equal(7, lines.Said.Count(line => line.Contains("expires at", StringComparison.Ordinal)));
        Assert.EndsWith("uploads are not matched against it", lines.Said[^1], StringComparison.Ordinal);
        Assert.Equal(8, lines.Said.Count);
    }

    [Fact]
    public void A_clock_that_stood_ahead_does_not_silence_the_warnings()
    {
        ManualTime time = new();
        using CurrentIndex current = new();
        current.Publish(Contents.Index(Contents.List(
            "short",
            new MatchPolicy { ExpiresAt = time.GetUtcNow().AddDays(6) },
            Samples.Entry(Samples.Pdq(new Random(1))))));
        Lines lines = new();
        using ExpiryWatch watch = new(current, time, lines);
        time.Jump(TimeSpan.FromDays(5));
        watch.Look();
        time.Jump(TimeSpan.FromDays(-5));
        watch.Look();
        Assert.Equal(2, lines.Said.Count);
    }

    private sealed class Lines : ILogger<ExpiryWatch>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
