using System.Collections.Concurrent;
using System.Security.Cryptography;
using HashMatch.Pdq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HashMatch.IntegrationTests.Driving;

/// <summary>
/// What the load driver uses of Hasher-Matcher-Actioner's HTTP API, as its documentation has it, over HTTP/1.1: it
/// stands in for the service, which is not installed where these tests run. It hashes nothing: it knows files by their
/// digests.
/// </summary>
internal sealed class StandInHma : IAsyncDisposable
{
    private const int Threshold = 31;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte> _listed = [];
    private readonly ConcurrentBag<PdqHash> _hashes = [];

    private StandInHma(WebApplication app)
    {
        _app = app;
        app.MapPost("/m/lookup", LookUpAsync);
        app.MapGet("/m/raw_lookup", RawLookUp);
    }

    public string Address => _app.Urls.First();

    /// <summary>What it answers instead, when it is set.</summary>
    public IResult? Instead { get; set; }

    /// <summary>Calls that it was sent.</summary>
    public int Calls;

    public static async Task<StandInHma> StartAsync(CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hma = new StandInHma(builder.Build());
        await hma._app.StartAsync(cancellation);
        return hma;
    }

    /// <summary>Puts a file into its bank.</summary>
    public void Add(byte[] file) => _listed[Convert.ToHexString(SHA256.HashData(file))] = 0;

    /// <summary>Puts a hash into its bank.</summary>
    public void Add(PdqHash hash) => _hashes.Add(hash);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    // One file, whose field names a content type; the answer has the banks that match by kind of hash.
    private async Task<IResult> LookUpAsync(HttpRequest request)
    {
        Interlocked.Increment(ref Calls);
        if (Instead is not null)
        {
            return Instead;
        }

        IFormCollection form = await request.ReadFormAsync();
        if (form.Files is not [{ Name: "photo" } file])
        {
            return Results.BadRequest(new { message = "one file, in the field of its content type" });
        }

        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes);
        bool isListed = _listed.ContainsKey(Convert.ToHexString(SHA256.HashData(bytes.ToArray())));
        return Results.Json(new Dictionary<string, string[]> { ["pdq"] = isListed ? ["SAMPLE_BANK"] : [] });
    }

    // Numbers of what is within the index's threshold.
    private IResult RawLookUp(string? signal, string? signal_type)
    {
        Interlocked.Increment(ref Calls);
        return Instead ?? (signal_type != "pdq" || !PdqHash.TryParse(signal, out PdqHash hash)
            ? Results.BadRequest(new { message = "a signal of a type that there is" })
            : Results.Json(new
            {
                matches = _hashes.Index().Where(each => each.Item.Distance(hash) <= Threshold)
                    .Select(each => each.Index + 1).ToArray(),
            }));
    }
}
