using HashMatch.Matching.Index;

namespace HashMatch.Server.Replica;

/// <summary>Warns of lists that expire within a week, once a day, and of those that have, once.</summary>
public sealed class ExpiryWatch(CurrentIndex current, TimeProvider time, ILogger<ExpiryWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(7);
    private static readonly TimeSpan Again = TimeSpan.FromDays(1);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string List, DateTimeOffset At, bool IsOver), DateTimeOffset> _warned = [];

    /// <summary>Looks at the lists once.</summary>
    public void Look()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (IndexedList list in current.Value?.Lists ?? [])
        {
            if (list.Policy.ExpiresAt is not { } at || at - now > Notice)
            {
                continue;
            }

            bool isOver = at <= now;
            if (_warned.TryGetValue((list.Name, at, isOver), out DateTimeOffset last)
                && (isOver || (now - last).Duration() < Again))
            {
                continue;
            }

            _warned[(list.Name, at, isOver)] = now;
            if (isOver)
            {
                logger.LogWarning("List {List} expired at {At:u}: uploads are not matched against it", list.Name, at);
            }
            else
            {
                logger.LogWarning("List {List} expires at {At:u}", list.Name, at);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                Look();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
