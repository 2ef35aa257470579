using System.Collections.Concurrent;
using HashMatch.Exchanges;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Stores;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Exchanging;

/// <summary>Fetches the exchanges that this server has credentials for when they are due; sends feedback.</summary>
public sealed class ExchangeSchedule(
    ExchangeCatalog catalog,
    ExchangeSync sync,
    WaitingFeedback feedback,
    MatchReports reports,
    ServerOptions options,
    TimeProvider time,
    ILogger<ExchangeSchedule> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<(string Exchange, string What), string> _warnings = [];

    /// <summary>How exchanges stood when they were last looked at; empty on a server that fetches none.</summary>
    public IReadOnlyList<StoredExchange> Latest { get; private set; } = [];

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
            Latest = all;
            await reports.QueueAsync(all, cancellation);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreCorruptException)
        {
            logger.LogWarning("Exchanges were not looked at: {Reason}", e.Message);
            return;
        }

        await Task.WhenAll(all.Select(exchange => RunAsync(exchange, cancellation)));
    }

    // Once until it is another one: an exchange without credentials is looked at every few seconds.
    private void Warn(string exchange, string what, string reason)
    {
        if (_warnings.GetValueOrDefault((exchange, what)) != reason)
        {
            _warnings[(exchange, what)] = reason;
            logger.LogWarning("Exchange {Name} was not {What}: {Reason}", exchange, what, reason);
        }
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

            if (exchange.State.IsDue(time.GetUtcNow()))
            {
                ExchangeReport report = await Task.Run(
                    () => sync.SyncAsync(
                        exchange.Name, credentials, new SyncOptions { OnlyIfDue = true }, null, cancellation),
                    cancellation);
                _warnings.TryRemove((exchange.Name, "fetched"), out _);
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
            Warn(exchange.Name, "fetched", e.Message);
        }
#pragma warning disable CA1031 // A fault of one exchange's reader must not end the server, which matches on.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "Exchange {Name} was not fetched", exchange.Name);
        }
#pragma warning restore CA1031

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
            Warn(exchange.Name, "told", e.Message);
        }
    }
}
