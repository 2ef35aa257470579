using System.Text;
using System.Text.Json;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Apis;

/// <summary>One exchange's API: how a page is asked for, and what it says of the next one.</summary>
internal abstract class ExchangeApi(ApiClient client) : IDisposable
{
    protected ApiClient Client { get; } = client;

    /// <summary>How pages are read.</summary>
    public abstract ListFileFormat Format { get; }

    /// <summary>Whether records are deleted and not hashes, so that only all pages together say what is left.</summary>
    public virtual bool FoldsRecords => false;

    /// <summary>How long a place in the paging is good; null: until the API refuses it.</summary>
    public virtual TimeSpan? CursorLife => null;

    /// <summary>How long what was fetched is good, until all must be fetched anew.</summary>
    public virtual TimeSpan? FullLife => null;

    /// <summary>Opens the API of an exchange.</summary>
    /// <exception cref="ExchangeException">What it asks for is not configured.</exception>
    public static ExchangeApi Open(
        ExchangeDefinition definition, ExchangeCredentials credentials, ExchangeLimits limits, TimeProvider time)
    {
        string address = definition.BaseUrl ?? definition.Kind switch
        {
            ExchangeKind.Ncmec => "https://report.cybertip.org/hashsharing",
            ExchangeKind.StopNcii => "https://api.stopncii.org/v1",
            ExchangeKind.ThreatExchange => "https://graph.facebook.com/v23.0",
            _ => "https://beta.terrorismanalytics.org",
        };
        ApiClient client = new(new Uri(address), limits, time);
        try
        {
            return definition.Kind switch
            {
                ExchangeKind.Ncmec => new NcmecApi(client, credentials),
                ExchangeKind.StopNcii => new StopNciiApi(client, credentials),
                ExchangeKind.ThreatExchange => new ThreatExchangeApi(client, credentials, definition.Group ?? ""),
                _ => new TatApi(client, credentials),
            };
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Where the next run begins, once paging has ended.</summary>
    public virtual string? CheckpointOf(ExchangeRun run, string? before) => run.Checkpoint ?? before;

    /// <summary>Fetches a page until it is whole.</summary>
    /// <param name="run">The run that it is of.</param>
    /// <param name="from">The checkpoint; null for all.</param>
    /// <param name="check">Throws when the page cannot be read to its end.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract Task<(byte[] Body, ApiPage Page)> FetchAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation);

    /// <summary>Tells the exchange what became of an entry.</summary>
    public virtual Task TellAsync(FeedbackItem item, CancellationToken cancellation) => throw new ExchangeException(
        ExchangeProblem.Refused, "The exchange's API takes no feedback.");

    public void Dispose() => Client.Dispose();

    protected static string Needed(string? value, string name) => value ?? throw new ExchangeException(
        ExchangeProblem.NoCredentials, $"The exchange's credentials lack {name}.");

    protected async Task<(byte[] Body, ApiPage Page)> FetchAsync(
        Func<HttpRequestMessage> request,
        Func<byte[], ApiPage> read,
        bool hasCursor,
        Action<byte[]> check,
        CancellationToken cancellation) => await Client.AskAsync(
        request,
        body =>
        {
            ApiPage page = read(body);
            check(body);
            return (body, page);
        },
        answer => hasCursor && ((int)answer.Status is 400 or 404 or 410 or 416) && IsStale(answer)
            ? new ExchangeException(
                ExchangeProblem.StaleCursor, $"The place in the paging is not known (HTTP {(int)answer.Status}).")
            : Judge(answer),
        cancellation).ConfigureAwait(false);

    /// <summary>Whether a refused cursor is what the answer is about.</summary>
    protected virtual bool IsStale(ApiAnswer answer) => true;

    protected virtual ExchangeException Judge(ApiAnswer answer) => Client.Judge(answer);

    /// <summary>Reads a JSON page whose records are in an array of a name.</summary>
    /// <exception cref="ExchangeException">It is no whole document, or has no such array.</exception>
    protected static ApiPage ReadJson(byte[] body, string records, Func<JsonElement, ApiPage> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                body.AsMemory(body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(records, out JsonElement array)
                && array.ValueKind == JsonValueKind.Array
                    ? read(document.RootElement)
                    : throw new ExchangeException(ExchangeProblem.BadPage, $"A page has no array '{records}'.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ExchangeException(ExchangeProblem.BadPage, "A page is no whole JSON document.", e);
        }
    }

    /// <summary>A text or a number as text; null when it is not there or empty.</summary>
    protected static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => string.IsNullOrEmpty(value.GetString()) ? null : value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;
}
