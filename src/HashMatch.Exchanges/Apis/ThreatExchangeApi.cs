using System.Globalization;
using System.Text;
using System.Text.Json;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Apis;

/// <summary>
/// Meta ThreatExchange: `/GROUP/threat_updates`, ordered by `last_updated`, then the address in `paging.next`, of which
/// the token is neither kept nor said. Tombstones are kept there for 90 days: what is older must be fetched anew.
/// </summary>
internal sealed class ThreatExchangeApi(ApiClient client, ExchangeCredentials credentials, string group)
    : ExchangeApi(client)
{
    private const string Fields =
        "id,indicator,type,last_updated,should_delete,descriptors{id,owner{id},status,tags,reactions}";

    private const string TokenName = "access_token";

    private readonly string _token = Needed(credentials.AccessToken, "AccessToken");

    public override ListFileFormat Format => ListFileFormat.ThreatExchange;

    public override TimeSpan? FullLife => TimeSpan.FromDays(85);

    // The newest change seen: the API's beginning is inclusive, so nothing of the same second is missed.
    public override string? CheckpointOf(ExchangeRun run, string? before) =>
        long.TryParse(run.Checkpoint, CultureInfo.InvariantCulture, out long seen)
        && (!long.TryParse(before, CultureInfo.InvariantCulture, out long known) || seen > known)
            ? run.Checkpoint
            : before;

    public override async Task<(byte[] Body, ApiPage Page)> FetchAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation)
    {
        Uri address = run.Cursor is { } cursor
            ? Client.Own(cursor)
            : Client.At($"{group}/threat_updates/?start_time={Uri.EscapeDataString(from ?? "0")}&limit=1000"
                + $"&fields={Uri.EscapeDataString(Fields)}");
        (byte[] body, ApiPage page) = await FetchAsync(
            () => new HttpRequestMessage(HttpMethod.Get, WithToken(address)),
            body => ReadJson(body, "data", page => Read(page, run.Checkpoint)),
            run.Cursor is not null,
            check,
            cancellation).ConfigureAwait(false);
        return (RecordsOf(body), page);
    }

    public override async Task TellAsync(FeedbackItem item, CancellationToken cancellation)
    {
        Uri descriptors = Client.At($"{Uri.EscapeDataString(item.ExternalId)}/descriptors?fields=id");
        string[] ids = await Client.AskAsync(
            () => new HttpRequestMessage(HttpMethod.Get, WithToken(descriptors)),
            Ids,
            Judge,
            cancellation).ConfigureAwait(false);
        string reaction = item.Opinion == FeedbackOpinion.Match ? "HELPFUL" : "DISAGREE_WITH_TAGS";
        foreach (string id in ids)
        {
            await Client.AskAsync(
                () => new HttpRequestMessage(HttpMethod.Post, WithToken(Client.At(Uri.EscapeDataString(id) + "/")))
                {
                    Headers = { { "Idempotency-Key", item.Id } },
                    Content = new FormUrlEncodedContent([new("reactions", reaction)]),
                },
                _ => true,
                Judge,
                cancellation).ConfigureAwait(false);
        }
    }

    // Meta's errors have a code of their own within HTTP 400 and 403 (developers.facebook.com, Graph API errors).
    protected override ExchangeException Judge(ApiAnswer answer) => CodeOf(answer) switch
    {
        4 or 17 or 32 or 341 or 613 => new ExchangeException(
            ExchangeProblem.RateLimited, "ThreatExchange asks to come back later.")
        { RetryAfter = answer.RetryAfter },
        1 or 2 => new ExchangeException(ExchangeProblem.ServerFault, "ThreatExchange failed."),
        102 or 190 => new ExchangeException(
            ExchangeProblem.Unauthorized, "ThreatExchange does not accept the access token."),
        _ => base.Judge(answer),
    };

    protected override bool IsStale(ApiAnswer answer) =>
        Judge(answer).Problem is ExchangeProblem.Refused;

    private static int CodeOf(ApiAnswer answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer.Body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("error", out JsonElement error)
                && int.TryParse(TextOf(error, "code"), CultureInfo.InvariantCulture, out int code) ? code : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    // What a page says of the next one holds the token, and pages are kept.
    private static byte[] RecordsOf(byte[] body)
    {
        byte[] records = [];
        _ = ReadJson(body, "data", page =>
        {
            records = Encoding.UTF8.GetBytes($"{{\"data\":{page.GetProperty("data").GetRawText()}}}");
            return new ApiPage(null, null);
        });
        return records;
    }

    private static string[] Ids(byte[] body)
    {
        string[] ids = [];
        _ = ReadJson(body, "data", page =>
        {
            ids = [.. page.GetProperty("data").EnumerateArray().Select(each => TextOf(each, "id")).OfType<string>()];
            return new ApiPage(null, null);
        });
        return ids;
    }

    private ApiPage Read(JsonElement page, string? seen)
    {
        _ = long.TryParse(seen, CultureInfo.InvariantCulture, out long newest);
        foreach (JsonElement record in page.GetProperty("data").EnumerateArray())
        {
            if (long.TryParse(TextOf(record, "last_updated"), CultureInfo.InvariantCulture, out long changed))
            {
                newest = Math.Max(newest, changed);
            }
        }

        string? next = page.TryGetProperty("paging", out JsonElement paging) ? TextOf(paging, "next") : null;
        return new ApiPage(
            next is null ? null : WithoutToken(Client.Own(next)).PathAndQuery,
            newest > 0 ? newest.ToString(CultureInfo.InvariantCulture) : null);
    }

    private Uri WithToken(Uri address) => new(
        WithoutToken(address).AbsoluteUri
        + (WithoutToken(address).Query.Length == 0 ? "?" : "&")
        + $"{TokenName}={Uri.EscapeDataString(_token)}");

    private static Uri WithoutToken(Uri address)
    {
        string[] kept = [.. address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => !part.StartsWith(TokenName + "=", StringComparison.OrdinalIgnoreCase))];
        return new UriBuilder(address) { Query = string.Join('&', kept) }.Uri;
    }
}
