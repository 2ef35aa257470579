using HashMatch.Server.Replica;

namespace HashMatch.Server.Health;

/// <summary>Health for load balancers and containers that speak plain HTTP.</summary>
public static class PlainHealth
{
    /// <summary>Answers 200 while the process serves.</summary>
    public const string LivePath = "/health/live";

    /// <summary>Answers 200 once the first index is loaded and the code is warm, and from then on; 503 before.
    /// </summary>
    public const string StartupPath = "/health/startup";

    /// <summary>Answers 200 once the index is loaded, 503 before and while the server drains; the body says whether
    /// uploads get verdicts.</summary>
    public const string ReadyPath = "/health/ready";

    /// <summary>Adds all three.</summary>
    public static void MapPlainHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(LivePath, (HttpContext http) => WriteAsync(http, StatusCodes.Status200OK, "live"))
            .AllowAnonymous();
        routes.MapGet(StartupPath, (HttpContext http) =>
        {
            bool isStarted = http.RequestServices.GetRequiredService<IndexReadiness>().IsStarted;
            return WriteAsync(
                http,
                isStarted ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                isStarted ? "started" : "not started: the index is not loaded yet");
        }).AllowAnonymous();
        routes.MapGet(ReadyPath, (HttpContext http) =>
        {
            IndexReadiness readiness = http.RequestServices.GetRequiredService<IndexReadiness>();
            if (http.RequestServices.GetRequiredService<Drain>().IsDraining)
            {
                return WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "not ready: the server is stopping");
            }

            IndexState state = readiness.State;
            return WriteAsync(
                http,
                readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                state switch
                {
                    IndexState.Answers when http.RequestServices.GetRequiredService<IndexFreshness>().DegradedAge
                        is { } age =>
                            $"ready, degraded: the index was in step with the store {age.TotalSeconds:0} s ago",
                    IndexState.Answers => "ready",
                    IndexState.NoActiveLists => "ready, but no enabled list has an active version",
                    IndexState.TooOld => "not ready: the index is too old",
                    _ => "not ready: the index is not loaded yet",
                });
        }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(text + "\n");
    }
}
