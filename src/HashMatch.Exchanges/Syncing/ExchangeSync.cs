using System.Security.Cryptography;
using System.Text;
using HashMatch.Exchanges.Apis;
using HashMatch.Exchanges.Configuration;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Exchanges.Syncing;

/// <summary>
/// Brings exchanges in step. Every page is in the store before the document moves past it, so a run that ends anywhere
/// goes on at its page; the checkpoint moves when paging has ended and its version is active.
/// </summary>
public sealed class ExchangeSync(IListStore store, ListCatalog lists, TimeProvider time, ExchangeLimits limits)
{
    // A page may come again; a place that is met this often is a circle.
    private const int MaxMeetings = 4;

    private static readonly TimeSpan AfterProblem = TimeSpan.FromMinutes(5);

    private readonly IListStore _store = store;
    private readonly ExchangeCatalog _exchanges = new(store);

    /// <summary>Fetches what an exchange has new, and makes it the list's active version.</summary>
    /// <param name="name">The exchange.</param>
    /// <param name="credentials">What its API asks for.</param>
    /// <param name="options">What kind of run it is.</param>
    /// <param name="progress">The run so far; null for none.</param>
    /// <param name="cancellation">Ends it; the next run goes on from there.</param>
    /// <exception cref="ExchangeException">It did not come to its end; the exchange's state says so too.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<ExchangeReport> SyncAsync(
        string name,
        ExchangeCredentials credentials,
        SyncOptions options,
        IProgress<ExchangeRun>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ExchangeLease lease = await ExchangeLease.TakeAsync(_store, "exchange:" + name, options.Wait, cancellation)
            .ConfigureAwait(false)
            ?? throw new ExchangeException(
                ExchangeProblem.Busy, $"Another process fetches exchange '{name}'.");
        await using (lease.ConfigureAwait(false))
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
            try
            {
                return await SyncAsync(lease, name, credentials, options, progress, both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new ExchangeException(
                    ExchangeProblem.Busy, $"Exchange '{name}' was taken over by another process.", e);
            }
        }
    }

    /// <summary>Deletes pages that no exchange names any more.</summary>
    public Task<int> CollectGarbageAsync(TimeSpan minAge, CancellationToken cancellation) =>
        PageSpool.CollectAsync(_store, time, minAge, cancellation);

    private async Task<ExchangeReport> SyncAsync(
        ExchangeLease lease,
        string name,
        ExchangeCredentials credentials,
        SyncOptions options,
        IProgress<ExchangeRun>? progress,
        CancellationToken cancellation)
    {
        HeldExchange held = await HeldExchange.TakeAsync(_exchanges, name, lease.Holder, options.OnlyIfDue
            ? time.GetUtcNow() : null, cancellation).ConfigureAwait(false);
        try
        {
            using ExchangeApi api = ExchangeApi.Open(held.State.Definition, credentials, limits, time);
            PageSpool spool = new(_store, name);
            await BeginAsync(held, api, spool, options.Full, cancellation).ConfigureAwait(false);
            bool again = false;
            while (!held.State.Run!.Ended)
            {
                progress?.Report(held.State.Run);
                try
                {
                    await FetchAsync(held, api, spool, cancellation).ConfigureAwait(false);
                }
                catch (ExchangeException e) when (e.Problem == ExchangeProblem.StaleCursor && !again)
                {
                    again = true;
                    await RestartAsync(held, spool, held.State.Run.Full, cancellation).ConfigureAwait(false);
                }
            }

            progress?.Report(held.State.Run);
            VersionMaking making = new(lists, spool, held, api, time);
            return await making.FinishAsync(options.Force, cancellation).ConfigureAwait(false);
        }
        catch (ExchangeException e) when (e.Problem != ExchangeProblem.Busy)
        {
            await ReportAsync(held, e.Problem, e.Message, e.RetryAfter, cancellation).ConfigureAwait(false);
            throw;
        }
        catch (StoreCorruptException e)
        {
            // What was kept is not whole: all is fetched anew.
            await held.SaveAsync(
                state => state with { Checkpoint = null, Pages = [], Run = null }, cancellation).ConfigureAwait(false);
            await ReportAsync(held, ExchangeProblem.BadPage, e.Message, TimeSpan.Zero, cancellation)
                .ConfigureAwait(false);
            throw;
        }
    }

    private Task BeginAsync(
        HeldExchange held, ExchangeApi api, PageSpool spool, bool full, CancellationToken cancellation)
    {
        ExchangeState state = held.State;
        DateTimeOffset now = time.GetUtcNow();
        long live = state.LastRun?.Entries ?? 0;
        bool wantsAll = full || state.Checkpoint is null || state.HasRunAhead(now)
            || (api.FullLife is { } life && state.FullAt + life <= now)
            || state.Pages.Sum(page => page.Records) > (6 * live) + 100_000;
        bool goesOn = state.Run is { } run
            && (run.Full || !wantsAll)
            && !ExchangeState.IsAhead(run.StartedAt, now)
            && (run.Ended || api.CursorLife is not { } good || run.StartedAt + good > now);
        return goesOn ? Task.CompletedTask : RestartAsync(held, spool, wantsAll, cancellation);
    }

    private async Task RestartAsync(HeldExchange held, PageSpool spool, bool full, CancellationToken cancellation)
    {
        IReadOnlyList<PageRef> dropped = held.State.Run?.Pages ?? [];
        await held.SaveAsync(
            state => state with { Run = new ExchangeRun { StartedAt = time.GetUtcNow(), Full = full } },
            cancellation).ConfigureAwait(false);
        await spool.DropAsync(dropped).ConfigureAwait(false);
    }

    private async Task FetchAsync(
        HeldExchange held, ExchangeApi api, PageSpool spool, CancellationToken cancellation)
    {
        ExchangeRun run = held.State.Run!;
        PageContent content = null!;
        (byte[] body, ApiPage page) = await api.FetchAsync(
            run,
            run.Full ? null : held.State.Checkpoint,
            // Of a page in memory nothing is waited for.
            bytes => content = PageContent.ReadAsync(bytes, api.Format, cancellation).GetAwaiter().GetResult(),
            cancellation).ConfigureAwait(false);
        string? met = page.Next is null ? null : DigestOf(page.Next);
        if (met is not null && run.Met.Count(each => each == met) >= MaxMeetings)
        {
            await RestartAsync(held, spool, run.Full, cancellation).ConfigureAwait(false);
            throw new ExchangeException(
                ExchangeProblem.CursorLoops, "The exchange's paging comes to the same place over and over.");
        }

        PageRef? kept = content.Lines == 0
            ? null
            : await spool.WriteAsync(body, content, cancellation).ConfigureAwait(false);
        ExchangeRun next = run with
        {
            Cursor = page.Next ?? run.Cursor,
            Ended = page.Next is null,
            Checkpoint = page.Checkpoint ?? run.Checkpoint,
            Pages = kept is null ? run.Pages : [.. run.Pages, kept],
            Met = met is null ? run.Met : [.. run.Met, met],
            Fetched = run.Fetched + 1,
            Malformed = run.Malformed + content.Malformed,
            FirstMalformed = run.FirstMalformed ?? content.FirstMalformed,
        };
        await held.SaveAsync(state => state with { Run = next }, cancellation).ConfigureAwait(false);
    }

    private static string DigestOf(string cursor) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cursor)).AsSpan(0, 8));

    private Task ReportAsync(
        HeldExchange held, ExchangeProblem problem, string message, TimeSpan? retryAfter,
        CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        return held.SaveAsync(
            state =>
            {
                TimeSpan wait = state.Definition.Interval < AfterProblem ? state.Definition.Interval : AfterProblem;
                return state with
                {
                    LastProblem = problem,
                    LastError = message,
                    LastErrorAt = now,
                    NextRunAt = now + (retryAfter ?? wait),
                };
            },
            cancellation);
    }
}
