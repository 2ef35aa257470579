using HashMatch.Server.Replica;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HashMatch.Server.Health;

/// <summary>Whether the server can take calls.</summary>
public sealed class IndexHealth(IndexReadiness readiness, Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(new HealthCheckResult(
            readiness.IsReady && !drain.IsDraining ? HealthStatus.Healthy : HealthStatus.Unhealthy));
}
