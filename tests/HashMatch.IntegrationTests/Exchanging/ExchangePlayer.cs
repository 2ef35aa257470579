using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using HashMatch.Exchanges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HashMatch.IntegrationTests.Exchanging;

/// <summary>Plays one exchange's API on loopback, as documented, with faults on request.</summary>
internal sealed class ExchangePlayer : IAsyncDisposable
{
    public const string Secret = "s3cret-of-the-player";
    private const int PageSize = 5;

    private readonly WebApplication _app;
    private readonly ExchangeKind _kind;
    private readonly SortedDictionary<int, PlayedRecord> _records = [];
    private readonly Lock _lock = new();
    private string _before = "";

    // Of Tech Against Terrorism's pages alone: where the one before leads to, if to another.
    private string? _next;

    // Real seconds, so that a client's own clock and these agree; each change gets another one.
    private long _clock = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 100_000;

    private ExchangePlayer(WebApplication app, ExchangeKind kind)
    {
        _app = app;
        _kind = kind;
    }

    public string Address => _app.Urls.First();

    /// <summary>What to do with a request; its number from 1.</summary>
    public Func<int, PlayerFault> Fault { get; set; } = _ => PlayerFault.None;

    /// <summary>Called when a request comes in; its number from 1.</summary>
    public Action<int> Asked { get; set; } = _ => { };

    public int Requests;

    /// <summary>Seconds that a client is asked to stay away.</summary>
    public string RetryAfter { get; set; } = "0";

    /// <summary>A malformed record stands among the others.</summary>
    public bool HasMalformed { get; set; }

    /// <summary>Paths and queries that were asked for.</summary>
    public ConcurrentQueue<string> Paths { get; } = [];

    /// <summary>Feedback: path, idempotency key and body.</summary>
    public ConcurrentQueue<(string Path, string Key, string Body)> Told { get; } = [];

    public static async Task<ExchangePlayer> StartAsync(ExchangeKind kind, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var player = new ExchangePlayer(app, kind);
        app.Run(player.AnswerAsync);
        await app.StartAsync(cancellation);
        return player;
    }

    /// <summary>Puts a record there, or changes it.</summary>
    public void Put(int id, bool live, params string[] md5) => Put(id, 10 + (id % 3), live, md5);

    public void Put(int id, int member, bool live, params string[] md5)
    {
        lock (_lock)
        {
            // NCMEC is asked from when the last run began: a change is of now.
            _clock = _kind == ExchangeKind.Ncmec && Requests > 0
                ? DateTimeOffset.UtcNow.ToUnixTimeSeconds()
                : _clock + 1;
            _records[id] = new PlayedRecord(id, member, md5, live, _clock);
        }
    }

    /// <summary>Takes a record away without a word.</summary>
    public void Forget(int id)
    {
        lock (_lock)
        {
            _records.Remove(id);
        }
    }

    /// <summary>The digests that a client in step has, in order.</summary>
    public string[] Live(Func<PlayedRecord, bool>? taken = null)
    {
        lock (_lock)
        {
            return [.. _records.Values.Where(each => each.IsLive && (taken is null || taken(each)))
                .SelectMany(each => each.Md5).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Path.Value!.EndsWith("/token-auth/tcap/", StringComparison.Ordinal))
        {
            await context.Response.WriteAsync("{\"token\":\"" + Secret + "\",\"user\":{}}");
            return;
        }

        if (request.Method != "GET" || request.Path.Value.EndsWith("/reasons", StringComparison.Ordinal)
            || request.Path.Value.EndsWith("/descriptors", StringComparison.Ordinal))
        {
            await TakeFeedbackAsync(context);
            return;
        }

        int number = Interlocked.Increment(ref Requests);
        Paths.Enqueue(request.Path + request.QueryString);
        Asked(number);
        if (!IsAllowed(request))
        {
            context.Response.StatusCode = 401;
            return;
        }

        PlayerFault fault = Fault(number);
        bool hasCursor = Start(request) > 0;
        string page;
        lock (_lock)
        {
            page = fault == PlayerFault.Repeat && _before.Length > 0 && hasCursor && FollowsBefore(request)
                ? _before
                : Page(request, fault == PlayerFault.Lie);
            _before = page;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(page);
        switch (fault)
        {
            case PlayerFault.Cut:
                context.Response.ContentLength = bytes.Length;
                await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case PlayerFault.Half:
                await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                break;
            case PlayerFault.TooMany:
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = RetryAfter;
                break;
            case PlayerFault.Failure:
                context.Response.StatusCode = 500;
                break;
            case PlayerFault.Stale when hasCursor:
                context.Response.StatusCode = number % 2 == 0 ? 410 : 400;
                break;
            case PlayerFault.Elsewhere:
                context.Response.Redirect("http://127.0.0.2:9" + request.Path + request.QueryString);
                break;
            case PlayerFault.Nonsense:
                await context.Response.WriteAsync("<html><body>Bad gateway</body></html>");
                break;
            default:
                await context.Response.Body.WriteAsync(bytes);
                break;
        }
    }

    private async Task TakeFeedbackAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.EndsWith("/reasons", StringComparison.Ordinal))
        {
            await context.Response.WriteAsync(
                "<feedbackReasons xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><availableFeedbackReasons>"
                + "<feedbackReason guid=\"01234567-abcd\" name=\"Example\"/></availableFeedbackReasons>"
                + "</feedbackReasons>");
            return;
        }

        if (context.Request.Path.Value.EndsWith("/descriptors", StringComparison.Ordinal))
        {
            await context.Response.WriteAsync("{\"data\":[{\"id\":\"71\"},{\"id\":\"72\"}]}");
            return;
        }

        int number = Interlocked.Increment(ref Requests);
        using var reader = new StreamReader(context.Request.Body);
        string body = await reader.ReadToEndAsync();
        if (Fault(number) == PlayerFault.Failure)
        {
            context.Response.StatusCode = 503;
            return;
        }

        Told.Enqueue((context.Request.Path, context.Request.Headers["Idempotency-Key"].ToString(), body));
        await context.Response.WriteAsync("{\"success\":true}");
    }

    private bool IsAllowed(HttpRequest request) => _kind switch
    {
        ExchangeKind.Ncmec => request.Headers.Authorization
            == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + Secret)),
        ExchangeKind.StopNcii => request.Headers["Ocp-Apim-Subscription-Key"] == Secret
            && request.Headers["x-functions-key"] == Secret,
        ExchangeKind.ThreatExchange => request.Query["access_token"] == Secret,
        _ => request.Headers.Authorization == "Bearer " + Secret,
    };

    private int Start(HttpRequest request)
    {
        string text = _kind switch
        {
            ExchangeKind.StopNcii => request.Query["nextPageToken"].ToString(),
            ExchangeKind.Tat => request.Query["after"].ToString(),
            _ => request.Query["start"].ToString(),
        };
        return text.Length == 0 ? 0
            : _kind == ExchangeKind.Tat ? 1
            : int.Parse(text, CultureInfo.InvariantCulture);
    }

    private string Page(HttpRequest request, bool lies)
    {
        int start = _kind == ExchangeKind.Tat ? 0 : Start(request);
        // NCMEC's order is not that of time.
        PlayedRecord[] all = [.. _records.Values.Where(each => IsWanted(request, each))
            .OrderBy(each => _kind == ExchangeKind.Ncmec ? each.Id * 7919 % 1000 : each.Changed)];
        PlayedRecord[] page = [.. all.Skip(start).Take(PageSize)];
        bool more = all.Length > start + PageSize;
        string origin = lies ? "http://127.0.0.2:9" : Address;
        _next = more ? page[^1].Changed.ToString(CultureInfo.InvariantCulture) : null;
        return _kind switch
        {
            ExchangeKind.Ncmec => Ncmec(request, page, more ? start + PageSize : 0, lies ? origin : ""),
            ExchangeKind.StopNcii => StopNcii(page, more, start),
            ExchangeKind.ThreatExchange => ThreatExchange(request, page, more ? start + PageSize : 0, origin),
            _ => Tat(page, more, origin),
        };
    }

    // A checkpoint begins runs too; only behind the page that gave it is that page one that comes again.
    private bool FollowsBefore(HttpRequest request) =>
        _kind != ExchangeKind.Tat || request.Query["after"].ToString().Split(',')[0] == _next;

    private bool IsWanted(HttpRequest request, PlayedRecord record)
    {
        switch (_kind)
        {
            case ExchangeKind.Ncmec:
                return record.Changed >= DateTimeOffset.Parse(
                    request.Query["from"].ToString(), CultureInfo.InvariantCulture).ToUnixTimeSeconds();
            case ExchangeKind.Tat:
                string after = request.Query["after"].ToString();
                return after.Length == 0
                    || record.Changed > long.Parse(after.Split(',')[0], CultureInfo.InvariantCulture);
            default:
                string name = _kind == ExchangeKind.StopNcii ? "startTimestamp" : "start_time";
                string from = request.Query[name].ToString();
                return record.Changed >= long.Parse(from, CultureInfo.InvariantCulture);
        }
    }

    private string Ncmec(HttpRequest request, PlayedRecord[] page, int next, string origin)
    {
        IEnumerable<string> images = page.Select(each => each.IsLive
            ? $"<image><member id=\"{each.Member}\">M</member><timestamp>{Time(each)}</timestamp>"
                + $"<id>{each.Id}</id><classification>A1</classification><fingerprints>"
                + string.Concat(each.Md5.Select(md5 => $"<md5>{md5}</md5>")) + "<pdna>A</pdna></fingerprints></image>"
            : $"<deletedImage><member id=\"{each.Member}\">M</member><id>{each.Id}</id>"
                + $"<timestamp>{Time(each)}</timestamp></deletedImage>");
        string bad = HasMalformed
            ? "<image><member id=\"1\">M</member><id>9</id><fingerprints><md5>xyz</md5></fingerprints></image>" : "";
        string from = Uri.EscapeDataString(request.Query["from"].ToString());
        string to = Uri.EscapeDataString(request.Query["to"].ToString());
        string paging = next == 0 ? ""
            : $"<paging><next>{origin}/v2/entries?from={from}&amp;to={to}&amp;start={next}&amp;size=5</next></paging>";
        return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
            + "<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images count=\"1\" "
            + $"maxTimestamp=\"2026-10-24T15:10:00Z\">{string.Concat(images)}{bad}</images>{paging}</queryResult>";

        static string Time(PlayedRecord each) => DateTimeOffset.FromUnixTimeSeconds(each.Changed)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private string StopNcii(PlayedRecord[] page, bool more, int start) => JsonSerializer.Serialize(new
    {
        count = page.Length,
        nextSetTimestamp = page.Length == 0 ? (long?)null : page[^1].Changed,
        nextPageToken = more ? (start + PageSize).ToString(CultureInfo.InvariantCulture) : null,
        hasMoreRecords = more,
        hashRecords = Bad(page.Select(each => (object)new
        {
            lastModtimestamp = each.Changed,
            signalType = "ImageMD5",
            hashValue = each.Md5[0],
            hashStatus = each.IsLive ? "Active" : each.Id % 2 == 0 ? "Withdrawn" : "Deleted",
            caseNumbers = new Dictionary<string, string> { [$"case-{each.Id}"] = "Active" },
        })),
    });

    private string ThreatExchange(HttpRequest request, PlayedRecord[] page, int next, string origin) =>
        JsonSerializer.Serialize(new
        {
            data = Bad(page.Select(each => (object)new
            {
                id = each.Id.ToString(CultureInfo.InvariantCulture),
                indicator = each.Md5[0],
                type = "HASH_MD5",
                last_updated = each.Changed,
                should_delete = !each.IsLive,
                descriptors = new { data = new[] { new { id = "7", owner = new { id = "8" }, status = "MALICIOUS" } } },
            })),
            paging = next == 0
                ? (object)new { cursors = new { after = "x" } }
                : new
                {
                    cursors = new { after = "x" },
                    next = $"{origin}{request.Path}?access_token={Secret}&start_time={request.Query["start_time"]}"
                        + $"&start={next}",
                },
        });

    private string Tat(PlayedRecord[] page, bool more, string origin) => JsonSerializer.Serialize(new
    {
        count = page.Length,
        next = more ? $"{origin}/api/hash-list/v2/all?order=asc&after={page[^1].Changed},1" : null,
        previous = (string?)null,
        checkpoint = page.Length == 0 ? null : $"{page[^1].Changed},{page[^1].Id}",
        results = Bad(page.Select(each => (object)new
        {
            id = each.Id,
            hash_digest = each.Md5[0],
            algorithm = "MD5",
            ideology = "far-right",
            file_type = "jpg",
            deleted = !each.IsLive,
            updated_on = each.Changed,
        })),
    });

    private object[] Bad(IEnumerable<object> records) =>
        HasMalformed ? [.. records, new { hash_digest = "zz" }, 5] : [.. records];
}
