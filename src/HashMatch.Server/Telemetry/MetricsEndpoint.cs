using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HashMatch.Server.Telemetry;

/// <summary>Where Prometheus asks.</summary>
public static class MetricsEndpoint
{
    /// <summary>Metrics in Prometheus's text format.</summary>
    public const string Path = "/metrics";

    private const string Health = "/health";

    private static readonly object MarkKey = new();

    /// <summary>Maps <see cref="Path"/>; a policy may be put on what is returned.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint(Path);

    /// <summary>Marks the connections of the listener that is for metrics.</summary>
    internal static void Mark(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Items[MarkKey] = MarkKey;
        return next(connection);
    });

    /// <summary>Serves nothing but metrics and health on their own listener, and metrics nowhere else.</summary>
    /// <param name="app">The server.</param>
    /// <param name="hasOwn">Whether there is such a listener.</param>
    internal static void UseMetricsListener(this IApplicationBuilder app, bool hasOwn)
    {
        if (!hasOwn)
        {
            return;
        }

        app.Use((http, next) =>
        {
            // By the connection, not by its Host header: that is the caller's to choose.
            bool isOwn = http.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(MarkKey) ?? false;
            bool isMetrics = http.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase);
            bool isHealth = http.Request.Path.StartsWithSegments(Health, StringComparison.OrdinalIgnoreCase);
            if (isOwn ? isMetrics || isHealth : !isMetrics)
            {
                return next(http);
            }

            // The route is known by now; without it nothing is served.
            http.SetEndpoint(null);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
