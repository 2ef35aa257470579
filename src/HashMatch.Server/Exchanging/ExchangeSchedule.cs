using HashMatch.Exchanges;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Exchanging;

/// <summary>Fetches the exchanges that this server has credentials for, when they are due, and sends feedback.</summary>
public sealed class ExchangeSchedule(
    ExchangeCatalog catalog,
    ExchangeSync sync,
    WaitingFeedback feedback,
    MatchReports reports,
    ServerOptions options,
    TimeProvider time,
    ILogger<ExchangeSchedule> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Exchanges.Count == 0)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
                // Replicas that were started together look at other times.
                await Task.Delay(
                    options.ExchangeLimits.PollInterval * (0.5 + Random.Shared.NextDouble()), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        IReadOnlyList<StoredExchange> all;
        try
        {
            all = await catalog.ReadAllAsync(cancellation);
            await reports.QueueAsync(all, cancellation);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            logger.LogWarning("Exchanges were not looked at: {Reason}", e.Message);
            return;
        }

        await Task.WhenAll(all.Select(exchange => RunAsync(exchange, cancellation)));
    }

    private async Task RunAsync(StoredExchange exchange, CancellationToken cancellation)
    {
        try
        {
            ExchangeCredentials credentials = CredentialSource.Read(exchange.Name, options.Exchanges);
            if (!credentials.Enabled || !exchange.State.Definition.Enabled)
            {
                return;
            }

            if (exchange.State.NextRunAt is not { } next || next <= time.GetUtcNow())
            {
                ExchangeReport report = await Task.Run(
                    () => sync.SyncAsync(
                        exchange.Name, credentials, new SyncOptions { OnlyIfDue = true }, null, cancellation),
                    cancellation);
                logger.LogInformation(
                    "Exchange {Name}: {Pages} pages, {Entries} entries, version {Version} (0: nothing new)",
                    exchange.Name, report.Pages, report.Entries, report.Version);
            }
        }
        catch (ExchangeException e) when (e.Problem == ExchangeProblem.Busy)
        {
            // Another replica's turn.
        }
        catch (Exception e) when (e is ExchangeException or StoreUnavailableException or StoreCorruptException)
        {
            logger.LogWarning("Exchange {Name} was not fetched: {Reason}", exchange.Name, e.Message);
        }

        await TellAsync(exchange, cancellation);
    }

    private async Task TellAsync(StoredExchange exchange, CancellationToken cancellation)
    {
        try
        {
            ExchangeCredentials credentials = CredentialSource.Read(exchange.Name, options.Exchanges);
            int sent = await feedback.SendAsync(exchange.Name, credentials, cancellation);
            if (sent > 0)
            {
                logger.LogInformation("Exchange {Name} was told {Count} times", exchange.Name, sent);
            }
        }
        catch (Exception e) when (e is ExchangeException or StoreUnavailableException or StoreCorruptException)
        {
            logger.LogWarning("Exchange {Name} was not told: {Reason}", exchange.Name, e.Message);
        }
    }
}
