using HashMatch.Server.Replica;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HashMatch.Server.Health;

/// <summary>Whether uploads get verdicts.</summary>
public sealed class MatchingHealth(IndexReadiness readiness, Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(new HealthCheckResult(
            readiness.IsMatching && !drain.IsDraining ? HealthStatus.Healthy : HealthStatus.Unhealthy));
}
