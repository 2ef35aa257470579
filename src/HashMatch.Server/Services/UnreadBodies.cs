using System.IO.Pipelines;
using HashMatch.Server.Admission;
using Microsoft.AspNetCore.Connections.Features;

namespace HashMatch.Server.Services;

/// <summary>What becomes of the body of a call that was answered before it was read.</summary>
internal static class UnreadBodies
{
    // The transport resets such a stream, so that no more is sent, and looks at every one that it has reset for the next
    // seconds whenever a frame comes: a few cost less than reading bodies to their end, many cost more.
    private const int ResetsPerSecond = 20;

    private static readonly object Key = new();
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Completes the answer, and reads the body to its end unless its stream may be reset.</summary>
    public static async Task EndAsync(HttpContext http, TimeProvider time)
    {
        if (http.Features.Get<IConnectionItemsFeature>()?.Items is not { } connection)
        {
            return;
        }

        TokenRate resets;
        lock (connection)
        {
            if (connection.TryGetValue(Key, out object? known) && known is TokenRate rate)
            {
                resets = rate;
            }
            else
            {
                connection[Key] = resets = new TokenRate(ResetsPerSecond, time);
            }
        }

        if (resets.TryTake(1))
        {
            return;
        }

        await http.Response.CompleteAsync();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limited.CancelAfter(DrainTime);
        PipeReader body = http.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult result = await body.ReadAsync(limited.Token);
                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // A sender that does not come to an end has its stream reset.
        }
    }
}
