using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Apis;

/// <summary>StopNCII: FetchHashes by `startTimestamp` and `nextPageToken`, SubmitFeedback.</summary>
internal sealed class StopNciiApi(ApiClient client, ExchangeCredentials credentials) : ExchangeApi(client)
{
    private const string PageSize = "800";

    // What the API takes as its beginning.
    private const string Beginning = "10";

    private readonly string _subscription = Needed(credentials.SubscriptionKey, "SubscriptionKey");
    private readonly string _function = Needed(credentials.FunctionKey, "FunctionKey");
    private readonly string? _feedback = credentials.FeedbackFunctionKey;

    public override ListFileFormat Format => ListFileFormat.StopNcii;

    public override Task<(byte[] Body, ApiPage Page)> FetchAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation)
    {
        string query = $"FetchHashes?startTimestamp={Uri.EscapeDataString(from ?? Beginning)}&pageSize={PageSize}"
            + (run.Cursor is { } token ? $"&nextPageToken={Uri.EscapeDataString(token)}" : "");
        return FetchAsync(
            () => Request(HttpMethod.Get, query, _function),
            body => ReadJson(body, "hashRecords", page => new ApiPage(
                page.TryGetProperty("hasMoreRecords", out JsonElement more) && more.ValueKind == JsonValueKind.True
                    ? TextOf(page, "nextPageToken") ?? throw new ExchangeException(
                        ExchangeProblem.BadPage, "A page has more behind it, and no token for it.")
                    : null,
                TextOf(page, "nextSetTimestamp"))),
            run.Cursor is not null,
            check,
            cancellation);
    }

    public override Task TellAsync(FeedbackItem item, CancellationToken cancellation)
    {
        string key = Needed(_feedback, "FeedbackFunctionKey");
        return Client.AskAsync(
            () =>
            {
                HttpRequestMessage request = Request(HttpMethod.Post, "SubmitFeedback", key);
                request.Headers.Add("Idempotency-Key", item.Id);
                JsonObject said = new()
                {
                    ["hashValue"] = item.Value,
                    ["feedbackValue"] = item.Opinion == FeedbackOpinion.Match ? "Blocked" : "NotBlocked",
                    ["tags"] = new JsonArray(),
                };
                JsonObject all = new() { ["count"] = 1, ["hashFeedbacks"] = new JsonArray(said) };

                // A text has a length; content that is written as it is sent goes in chunks, which some gateways drop.
                request.Content = new StringContent(all.ToJsonString(), Encoding.UTF8, "application/json");
                return request;
            },
            _ => true,
            Judge,
            cancellation);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string function) => new(method, Client.At(path))
    {
        Headers = { { "Ocp-Apim-Subscription-Key", _subscription }, { "x-functions-key", function } },
    };
}
