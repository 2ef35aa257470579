using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>Takes what is exported by OTLP over HTTP and keeps its bytes.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = new();

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>What a server's setting names.</summary>
    public string Address => _app.Urls.First();

    /// <summary>Bodies of exported spans, protobuf, not compressed.</summary>
    public IEnumerable<byte[]> Traces => BodiesAt("/v1/traces");

    /// <summary>Likewise of metrics.</summary>
    public IEnumerable<byte[]> Metrics => BodiesAt("/v1/metrics");

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var collector = new OtlpCollector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync(cancellation);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IEnumerable<byte[]> BodiesAt(string path) =>
        _bodies.Where(each => each.Path == path).Select(each => each.Body);

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        _bodies.Enqueue((http.Request.Path.Value ?? "", body.ToArray()));
    }
}
