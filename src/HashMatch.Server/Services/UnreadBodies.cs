using System.IO.Pipelines;

namespace HashMatch.Server.Services;

/// <summary>What becomes of the body of a call that was answered before it was read.</summary>
internal static class UnreadBodies
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Completes the answer, and lets the body go as it comes, until its sender stops. Left to itself the
    /// transport would reset the stream, and then look at all streams that it has reset within seconds whenever a frame
    /// comes: that costs more than the bodies.</summary>
    public static async Task EndAsync(HttpContext http)
    {
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
