using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using HashMatch.Exchanges.Configuration;
using HashMatch.Exchanges.Feedback;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Apis;

/// <summary>
/// NCMEC Hash Sharing v2: `/v2/entries?from=..&amp;to=..`, then the address in `paging/next`, which is good for some
/// twelve hours. Entries are not in time order, so the next run begins where this one began.
/// </summary>
internal sealed class NcmecApi : ExchangeApi
{
    private static readonly XNamespace Space = "https://hashsharing.ncmec.org/hashsharing/v2";

    // What was written while a run began, and clocks that differ.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    private readonly AuthenticationHeaderValue _authorization;

    public NcmecApi(ApiClient client, ExchangeCredentials credentials)
        : base(client)
    {
        string user = Needed(credentials.Username, "Username");
        string password = Needed(credentials.Password, "Password");
        _authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    public override ListFileFormat Format => ListFileFormat.Ncmec;

    public override bool FoldsRecords => true;

    public override TimeSpan? CursorLife => TimeSpan.FromHours(12);

    public override string? CheckpointOf(ExchangeRun run, string? before) => Time(run.StartedAt - Overlap);

    public override Task<(byte[] Body, ApiPage Page)> FetchAsync(
        ExchangeRun run, string? from, Action<byte[]> check, CancellationToken cancellation)
    {
        string first = $"v2/entries?from={Uri.EscapeDataString(from ?? Time(DateTimeOffset.UnixEpoch))}"
            + $"&to={Uri.EscapeDataString(Time(run.StartedAt))}";
        Uri address = run.Cursor is { } cursor ? Client.Own(cursor) : Client.At(first);
        return FetchAsync(
            () => Request(HttpMethod.Get, address), Read, run.Cursor is not null, check, cancellation);
    }

    public override async Task TellAsync(FeedbackItem item, CancellationToken cancellation)
    {
        int dash = item.ExternalId.IndexOf('-', StringComparison.Ordinal);
        if (dash < 1)
        {
            throw new ExchangeException(ExchangeProblem.Refused, "The entry's id names no member and record.");
        }

        string type = item.Type.ToString().ToUpperInvariant();
        string path = $"v2/entries/{Uri.EscapeDataString(item.ExternalId[..dash])}/"
            + $"{Uri.EscapeDataString(item.ExternalId[(dash + 1)..])}/{type}/feedback";
        XElement said = item.Opinion == FeedbackOpinion.Match
            ? new XElement(Space + "affirmative")
            : new XElement(
                Space + "negative",
                new XElement(
                    Space + "reasonIds",
                    new XElement(Space + "guid", item.Reason ?? await ReasonAsync(type, cancellation)
                        .ConfigureAwait(false))));
        string body = new XElement(Space + "feedbackSubmission", said).ToString(SaveOptions.DisableFormatting);
        await Client.AskAsync(
            () =>
            {
                HttpRequestMessage request = Request(HttpMethod.Put, Client.At(path));
                request.Headers.Add("Idempotency-Key", item.Id);
                request.Content = new StringContent(body, Encoding.UTF8, "application/xml");
                return request;
            },
            _ => true,
            Judge,
            cancellation).ConfigureAwait(false);
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // Whose the address is is looked at before the page is taken: a page that lies is fetched again.
    private ApiPage Read(byte[] body)
    {
        XElement root = Parse(body);
        if (root.Name != Space + "queryResult")
        {
            throw new ExchangeException(ExchangeProblem.BadPage, "A page's root is no queryResult of version 2.");
        }

        string next = root.Element(Space + "paging")?.Element(Space + "next")?.Value.Trim() ?? "";
        return new ApiPage(next.Length == 0 ? null : Client.Own(next).PathAndQuery, null);
    }

    private static XElement Parse(byte[] body)
    {
        try
        {
            using MemoryStream stream = new(body);
            using var reader = XmlReader.Create(
                stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw new ExchangeException(ExchangeProblem.BadPage, "A page is no whole XML document.", e);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, Uri address) => new(method, address)
    {
        Headers = { Authorization = _authorization },
    };

    // A denial needs a reason; where there is one only, nobody has to choose.
    private async Task<string> ReasonAsync(string type, CancellationToken cancellation)
    {
        XElement root = await Client.AskAsync(
            () => Request(HttpMethod.Get, Client.At($"v2/feedback/{type}/reasons")), Parse, Judge, cancellation)
            .ConfigureAwait(false);
        (string Id, string Name)[] reasons = [.. root.DescendantsAndSelf()
            .Where(each => each.Attribute("guid") is not null)
            .Select(each => (each.Attribute("guid")!.Value, each.Attribute("name")?.Value ?? ""))];
        return reasons.Length == 1
            ? reasons[0].Id
            : throw new ExchangeException(
                ExchangeProblem.Refused,
                "NCMEC wants a reason, one of: "
                + string.Join("; ", reasons.Take(20).Select(reason => $"{reason.Id} ({reason.Name})")));
    }
}
