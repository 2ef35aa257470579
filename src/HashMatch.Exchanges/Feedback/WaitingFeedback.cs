using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HashMatch.Exchanges.Apis;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Syncing;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;

namespace HashMatch.Exchanges.Feedback;

/// <summary>
/// What exchanges are to be told, in the store until they have accepted it: each item is sent at least once, under an
/// id that is made of what it says.
/// </summary>
public sealed class WaitingFeedback(IListStore store, TimeProvider time, ExchangeLimits limits)
{
    /// <summary>The group of documents that items are.</summary>
    public const string Group = "feedback";

    /// <summary>Rounds of tries, after which an item is parked.</summary>
    public const int MaxAttempts = 8;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromDays(1);

    private readonly IListStore _store = store;
    private readonly ExchangeCatalog _exchanges = new(store);

    /// <summary>All items, of one exchange or of all.</summary>
    public async Task<IReadOnlyList<FeedbackItem>> ReadAsync(string? exchange, CancellationToken cancellation) =>
        [.. (await _store.ReadDocumentsAsync(Group, cancellation).ConfigureAwait(false))
            .Select(Decode)
            .Where(item => exchange is null || item.Exchange == exchange)];

    /// <summary>Queues what became of entries of a list, by their external id.</summary>
    /// <param name="exchange">The exchange that keeps the list.</param>
    /// <param name="externalIds">The entries' ids.</param>
    /// <param name="opinion">What is said of them.</param>
    /// <param name="reason">NCMEC: the id of a reason; null for none.</param>
    /// <param name="cancellation">May leave some queued.</param>
    /// <returns>How many entries were found; each is queued, or was already.</returns>
    /// <exception cref="ExchangeException">The exchange takes no feedback.</exception>
    public async Task<int> QueueAsync(
        StoredExchange exchange,
        IReadOnlySet<string> externalIds,
        FeedbackOpinion opinion,
        string? reason,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        ArgumentNullException.ThrowIfNull(externalIds);
        if (exchange.State.Definition.Kind == ExchangeKind.Tat)
        {
            throw new ExchangeException(
                ExchangeProblem.Refused, "Tech Against Terrorism's API takes no feedback.");
        }

        int found = 0;
        ListCatalog lists = new(_store, time);
        await foreach (HashEntry entry in lists.ReadActiveAsync(exchange.State.Definition.List, cancellation)
            .ConfigureAwait(false))
        {
            if (entry.ExternalId.Length > 0 && externalIds.Contains(entry.ExternalId))
            {
                found++;
                await QueueAsync(exchange.Name, entry, opinion, reason, cancellation).ConfigureAwait(false);
            }
        }

        return found;
    }

    /// <summary>Sends what is due to one exchange.</summary>
    /// <returns>How many items it accepted.</returns>
    public async Task<int> SendAsync(
        string exchange, ExchangeCredentials credentials, CancellationToken cancellation)
    {
        if (!(await ReadAsync(exchange, cancellation).ConfigureAwait(false)).Any(IsDue)
            || await _exchanges.ReadAsync(exchange, cancellation).ConfigureAwait(false) is not { } stored)
        {
            return 0;
        }

        ExchangeLease? lease = await ExchangeLease.TakeAsync(
            _store, "feedback:" + exchange, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        if (lease is null)
        {
            return 0;
        }

        await using (lease.ConfigureAwait(false))
        {
            using ExchangeApi api = ExchangeApi.Open(stored.State.Definition, credentials, limits, time);
            int sent = 0;
            foreach (StoredDocument document in await _store.ReadDocumentsAsync(Group, cancellation)
                .ConfigureAwait(false))
            {
                FeedbackItem item = Decode(document);
                if (item.Exchange != exchange || !IsDue(item) || lease.Lost.IsCancellationRequested)
                {
                    continue;
                }

                sent += await SendAsync(api, document, item, cancellation).ConfigureAwait(false) ? 1 : 0;
            }

            return sent;
        }
    }

    private bool IsDue(FeedbackItem item) =>
        !item.IsParked && (item.NextAttemptAt is not { } next || next <= time.GetUtcNow()
            // Further off than any wait is: the clock that it was reckoned by was ahead.
            || next > time.GetUtcNow() + LongestAsked);

    private async Task<bool> SendAsync(
        ExchangeApi api, StoredDocument document, FeedbackItem item, CancellationToken cancellation)
    {
        try
        {
            await api.TellAsync(item, cancellation).ConfigureAwait(false);
            await _store.TryDeleteDocumentAsync(Group, item.Id, document.Revision, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ExchangeException e)
        {
            int attempts = item.Attempts + 1;
            TimeSpan wait = FirstWait * Math.Pow(2, Math.Min(attempts, 20));
            FeedbackItem next = item with
            {
                Attempts = attempts,
                LastError = e.Message,
                // No credentials are the operator's fault and not the item's.
                IsParked = attempts >= MaxAttempts || (!e.IsTransient
                    && e.Problem is not (ExchangeProblem.NoCredentials or ExchangeProblem.Unauthorized)),
                NextAttemptAt = time.GetUtcNow()
                    + (e.RetryAfter is not { } asked ? (wait < LongestWait ? wait : LongestWait)
                        : asked < LongestAsked ? asked : LongestAsked),
            };
            await TryWriteAsync(next, document.Revision, cancellation).ConfigureAwait(false);
            return false;
        }
    }

    // Said again, a parked item gets another chance; one that waits stays as it is.
    private async Task QueueAsync(
        string exchange, HashEntry entry, FeedbackOpinion opinion, string? reason, CancellationToken cancellation)
    {
        string value = entry.Value.ToHex(entry.Type);
        string said = string.Create(
            CultureInfo.InvariantCulture, $"{exchange}\n{opinion}\n{entry.ExternalId}\n{entry.Type}\n{value}");
        FeedbackItem item = new()
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said)).AsSpan(0, 16)),
            Exchange = exchange,
            Opinion = opinion,
            ExternalId = entry.ExternalId,
            Type = entry.Type,
            Value = value,
            Reason = reason,
            CreatedAt = time.GetUtcNow(),
        };
        StoredDocument? stored = await _store.ReadDocumentAsync(Group, item.Id, cancellation).ConfigureAwait(false);
        if (stored is null || Decode(stored).IsParked || Decode(stored).Reason != reason)
        {
            await TryWriteAsync(item, stored?.Revision ?? 0, cancellation).ConfigureAwait(false);
        }
    }

    private Task<bool> TryWriteAsync(FeedbackItem item, long revision, CancellationToken cancellation) =>
        _store.TryWriteDocumentAsync(
            new StoredDocument(
                Group,
                item.Id,
                revision + 1,
                JsonSerializer.SerializeToUtf8Bytes(item, ExchangeJson.Default.FeedbackItem)),
            revision,
            cancellation);

    private static FeedbackItem Decode(StoredDocument stored)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Content.Span, ExchangeJson.Default.FeedbackItem)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new StoreCorruptException($"Feedback {stored.Key} is not what was written.", e);
        }
    }
}
