namespace HashMatch.Load.Scale;

/// <summary>A replica's process ends and is started again.</summary>
/// <param name="At">Seconds since the start.</param>
/// <param name="NoticedAfter">Seconds until the load balancer sends it nothing more; uploads that come before fail.
/// </param>
/// <param name="ReadyAfter">Seconds until it is ready again, its cold start included.</param>
internal sealed record Outage(double At, double NoticedAfter, double ReadyAfter);
