using Google.Rpc;
using Grpc.Core;
using Xunit;

namespace HashMatch.IntegrationTests.Server;

/// <summary>What a failed call says.</summary>
internal static class Statuses
{
    /// <summary>Expects a call to fail with this code, reason and, where it says so, a delay.</summary>
    /// <returns>The fields that it names.</returns>
    public static async Task<string[]> FailsAsync(
        StatusCode code, string reason, Func<Task> call, bool canRetry = false)
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(error.StatusCode == code, $"{error.Status} is not {code}");
        Google.Rpc.Status status = Assert.IsType<Google.Rpc.Status>(error.GetRpcStatus());
        ErrorInfo info = status.GetDetail<ErrorInfo>();
        Assert.Equal(("hashmatch", reason), (info.Domain, info.Reason));
        TimeSpan? delay = status.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan();
        Assert.Equal(canRetry, delay > TimeSpan.Zero);
        return [.. status.GetDetail<BadRequest>()?.FieldViolations.Select(field => field.Field) ?? []];
    }

    /// <summary>The reason that a status carries; empty when none.</summary>
    public static string ReasonOf(RpcException error) => error.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? "";
}
