using System.Net.Http.Headers;
using System.Text.Json;
using HashMatch.Exchanges.Configuration;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Apis;

/// <summary>
/// Tech Against Terrorism's hash list: a token by user and password, then pages after a checkpoint, the oldest change
/// first.
/// </summary>
internal sealed class TatApi(ApiClient client, ExchangeCredentials credentials) : ExchangeApi(client)
{
    private readonly string _user = Needed(credentials.Username, "Username");
    private readonly string _password = Needed(credentials.Password, "Password");
    private string? _token;

    public override ListFileFormat Format => ListFileFormat.TechAgainstTerrorism;

    public override async Task<(byte[] Body, ApiPage Page)> FetchAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation)
    {
        bool fresh = _token is null;
        _token ??= await LogInAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await FetchOnceAsync(run, from, check, cancellation).ConfigureAwait(false);
        }
        catch (ExchangeException e) when (e.Problem == ExchangeProblem.Unauthorized && !fresh)
        {
            // Tokens expire.
            _token = await LogInAsync(cancellation).ConfigureAwait(false);
            return await FetchOnceAsync(run, from, check, cancellation).ConfigureAwait(false);
        }
    }

    private Task<(byte[] Body, ApiPage Page)> FetchOnceAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation)
    {
        // A cursor is a checkpoint, or an address that begins with a slash.
        string after = run.Cursor ?? from ?? "";
        Uri address = after.StartsWith('/')
            ? Client.Own(after)
            : Client.At($"api/hash-list/v2/all?order=asc&after={Uri.EscapeDataString(after)}");
        return FetchAsync(
            () => new HttpRequestMessage(HttpMethod.Get, address)
            {
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _token) },
            },
            body => ReadJson(body, "results", page => Read(page, after)),
            run.Cursor is not null,
            check,
            cancellation);
    }

    private ApiPage Read(JsonElement page, string after)
    {
        string? checkpoint = TextOf(page, "checkpoint");
        string? next = TextOf(page, "next");
        return new ApiPage(
            next is null ? null
                : checkpoint is not null && checkpoint != after ? checkpoint
                : Client.Own(next).PathAndQuery,
            checkpoint);
    }

    private Task<string> LogInAsync(CancellationToken cancellation) => Client.AskAsync(
        () => new HttpRequestMessage(HttpMethod.Post, Client.At("token-auth/tcap/"))
        {
            Content = new FormUrlEncodedContent(
                [new("username", _user), new("password", _password), new("resend", "False")]),
        },
        Token,
        answer => (int)answer.Status == 400
            ? new ExchangeException(ExchangeProblem.Unauthorized, "The credentials are not accepted.")
            : Judge(answer),
        cancellation);

    private static string Token(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return TextOf(document.RootElement, "token")
                ?? throw new ExchangeException(ExchangeProblem.BadPage, "The log-in gave no token.");
        }
        catch (JsonException e)
        {
            throw new ExchangeException(ExchangeProblem.BadPage, "The log-in's answer is no JSON.", e);
        }
    }
}
