using System.Threading.RateLimiting;
using Grpc.Core;
using HashMatch.Matching;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;

namespace HashMatch.Server.Access;

/// <summary>
/// Holds each caller to its rate: a bucket of two seconds' worth of uploads, so that a burst passes and a flood does
/// not. A hash costs a hundredth of an upload, any other call what an upload does.
/// </summary>
public sealed class CallerLimits(
    CallerDirectory directory, ProbingWatch probing, ServerOptions options, TimeProvider time) : IDisposable
{
    /// <summary>What an upload costs, in hashes.</summary>
    public const int Upload = 100;

    private const int PeriodsPerSecond = 10;
    private const int BurstSeconds = 2;

    // Its idle buckets are full ones, and go by themselves.
    private readonly PartitionedRateLimiter<(string Name, int Rate)> _buckets =
        PartitionedRateLimiter.Create<(string Name, int Rate), (string Name, int Rate)>(caller =>
            RateLimitPartition.GetTokenBucketLimiter(caller, BucketOf));

    /// <summary>Takes what a call costs.</summary>
    /// <param name="caller">Whose call it is.</param>
    /// <param name="cost">In hashes.</param>
    /// <exception cref="RpcException">RATE_LIMITED; CREDENTIAL_WRONG when the caller was let in and is not known any
    /// more.</exception>
    public void Take(Caller caller, int cost)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!directory.StillKnows(caller))
        {
            throw RpcErrors.CredentialWrong();
        }

        if (probing.LimitedFor(caller.Name, WorkOrder.Clock(time)) is { } left)
        {
            throw RpcErrors.RateLimited(left);
        }

        int rate = caller.Rate ?? options.Access.Rate;
        if (rate == 0)
        {
            return;
        }

        // One call may be larger than the bucket: it takes all that the bucket can hold.
        using RateLimitLease lease = _buckets.AttemptAcquire((caller.Name, rate), Math.Min(cost, CapacityOf(rate)));
        if (!lease.IsAcquired)
        {
            throw RpcErrors.RateLimited(
                lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan delay) ? delay : TimeSpan.FromSeconds(1));
        }
    }

    public void Dispose() => _buckets.Dispose();

    private static int CapacityOf(int rate) => rate * Upload * BurstSeconds;

    private static TokenBucketRateLimiterOptions BucketOf((string Name, int Rate) caller) => new()
    {
        TokenLimit = CapacityOf(caller.Rate),
        TokensPerPeriod = caller.Rate * Upload / PeriodsPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1) / PeriodsPerSecond,
        AutoReplenishment = true,
    };
}
