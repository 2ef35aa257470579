using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using HashMatch.Server.Telemetry;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// Answers calls that are not let in, without their messages: an error, or the verdict that the caller would rather
/// have.
/// </summary>
public sealed class ShedAnswers(IndeterminateVerdicts indeterminate, ServerOptions options, TimeProvider time)
{
    /// <summary>Bytes a second that are read for what their callers want: some one percent of a processor.</summary>
    private const long SkimBytesPerSecond = 16 * 1024 * 1024;

    /// <summary>Longest upload that is read on for what its caller wants: what one stream's window lets a sender send
    /// before it can know that it is refused. More would have to be asked for, and the refusal wait for it.</summary>
    private const int MaxSkimmedUpload = 65_535;

    private const int PrefixBytes = 5;

    /// <summary>Longest wait for what a caller says in a message that is let go.</summary>
    private static readonly TimeSpan SkimTime = TimeSpan.FromSeconds(5);

    private readonly TokenRate _skims = new(SkimBytesPerSecond, time);

    private static readonly JsonFormatter Json =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithTypeRegistry(FrameworkErrors.Details));

    /// <summary>Writes the whole answer.</summary>
    /// <param name="http">The call; nothing was answered yet.</param>
    /// <param name="method">Its method's name.</param>
    /// <param name="isGrpc">gRPC, not JSON.</param>
    /// <param name="refusal">Why it is not let in.</param>
    public async Task WriteAsync(HttpContext http, string method, bool isGrpc, RpcException refusal)
    {
        ArgumentNullException.ThrowIfNull(http);
        IMessage? verdict = null;
        try
        {
            verdict = method == nameof(MatchingService.Hash)
                ? null
                : await VerdictAsync(http, method, isGrpc, refusal);
        }
        catch (RpcException invalid)
        {
            refusal = invalid;
        }

        if (verdict is null)
        {
            CallRecord.Fail(http, refusal);
        }

        if (isGrpc)
        {
            await WriteGrpcAsync(http.Response, verdict, refusal);
        }
        else
        {
            await WriteJsonAsync(http.Response, verdict, refusal);
        }
    }

    /// <summary>The status that says in JSON what gRPC's says.</summary>
    /// <param name="error">RESOURCE_EXHAUSTED is 429 where a retry helps, else 413.</param>
    public static int HttpStatusOf(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.StatusCode switch
        {
            StatusCode.ResourceExhausted when RpcErrors.RetryDelayOf(error) is null =>
                StatusCodes.Status413PayloadTooLarge,
            StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
            StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
            StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
            StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
    }

    private static async Task WriteGrpcAsync(HttpResponse response, IMessage? verdict, RpcException refusal)
    {
        response.ContentType = "application/grpc";
        if (verdict is null)
        {
            response.Headers["grpc-status"] = ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail);
            response.Headers["grpc-status-details-bin"] =
                Convert.ToBase64String(RpcErrors.ToStatus(refusal).ToByteArray()).TrimEnd('=');
            return;
        }

        int length = verdict.CalculateSize();
        byte[] message = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length);
        verdict.WriteTo(message.AsSpan(PrefixBytes));
        await response.Body.WriteAsync(message);
        response.AppendTrailer("grpc-status", "0");
    }

    private static async Task WriteJsonAsync(HttpResponse response, IMessage? verdict, RpcException refusal)
    {
        response.ContentType = "application/json; charset=utf-8";
        if (verdict is null)
        {
            response.StatusCode = HttpStatusOf(refusal);
            FrameworkErrors.AddRetryAfter(response.HttpContext, refusal);
        }

        await response.WriteAsync(Json.Format(verdict ?? RpcErrors.ToStatus(refusal)));
    }

    private async Task<IMessage?> VerdictAsync(HttpContext http, string method, bool isGrpc, RpcException refusal)
    {
        bool isBatch = method == nameof(MatchingService.MatchHashes);
        bool isKnown = IndeterminateVerdicts.HeaderOf(http) != V1.WhenIndeterminate.Unspecified;
        (V1.MatchOptions given, int queries) = (new V1.MatchOptions(), 1);
        if (isGrpc && (isBatch || !isKnown))
        {
            if (await SkimAsync(http, method) is { } skimmed)
            {
                (given, queries) = skimmed;
            }
            else if (isBatch)
            {
                return null;
            }
        }
        else if (isBatch)
        {
            // A batch in JSON would have to be read for the number of its queries.
            return null;
        }

        MatchingMessages.Check(given);
        return isBatch
            ? indeterminate.BatchInPlaceOf(refusal, http, given.WhenIndeterminate, queries)
            : indeterminate.InPlaceOf(refusal, http, given.WhenIndeterminate, given.Reference);
    }

    private async Task<(V1.MatchOptions Options, int Firsts)?> SkimAsync(HttpContext http, string method)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limited.CancelAfter(SkimTime);
        using var skim = new MessageSkim(http.Request.BodyReader);
        int most = method == nameof(MatchingService.MatchHashes) ? options.MaxMessageBytes : MaxSkimmedUpload;
        try
        {
            return method == nameof(MatchingService.MatchUpload)
                ? await skim.ReadFirstPartAsync(limited.Token) is { } given ? (given, 0) : null
                : await skim.ReadRequestAsync(
                    length => length <= most && _skims.TryTake(length), limited.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }
}
