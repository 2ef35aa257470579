using Grpc.Core;
using HashMatch.Matching.Stores;

namespace HashMatch.Server.Errors;

/// <summary>What broke a call, as a status for its caller and a line for the log.</summary>
public sealed class CallFaults(TimeProvider time, ILogger<CallFaults> logger)
{
    /// <summary>The status of one exception.</summary>
    public RpcException Map(Exception exception, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(context);
        if (context.CancellationToken.IsCancellationRequested)
        {
            // Whatever broke, it broke because nobody waits any more.
            return context.Deadline <= time.GetUtcNow().UtcDateTime
                ? RpcErrors.DeadlineExceeded()
                : RpcErrors.Cancelled();
        }

        switch (exception)
        {
            case StoreUnavailableException { IsUnconfirmed: true }:
                logger.LogWarning("{Method}: {Reason}", context.Method, exception.Message);
                return RpcErrors.StoreUnconfirmed();
            case StoreUnavailableException { Refusal: StoreRefusal.Full }:
                logger.LogError("{Method}: the store is full", context.Method);
                return RpcErrors.StoreFull();
            case StoreUnavailableException { Refusal: StoreRefusal.ReadOnly }:
                logger.LogWarning("{Method}: the store is read-only", context.Method);
                return RpcErrors.StoreReadOnly();
            case StoreUnavailableException:
                logger.LogWarning("{Method}: the store does not answer", context.Method);
                return RpcErrors.StoreUnavailable();
            case StoreCorruptException:
                logger.LogError(
                    "{Method}: what the store holds is not whole: {Reason}", context.Method, exception.Message);
                return RpcErrors.StoreCorrupt();
            default:
                // The type and where it was thrown, not the message: that may quote what a caller sent.
                logger.LogError(
                    "{Method} failed: {Type}\n{Stack}", context.Method, exception.GetType(), exception.StackTrace);
                return RpcErrors.Internal();
        }
    }
}
