using Grpc.AspNetCore.Server;
using Grpc.Core;
using HashMatch.Server.Access;
using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using HashMatch.Server.Errors;
using Microsoft.AspNetCore.Http.Features;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>
/// Lets calls of the data plane in before their messages are read. A call that is let in has its
/// <see cref="AdmissionPlace"/> among its features until it is answered; one that is not is answered at once.
/// </summary>
public sealed class UploadGate(
    RequestDelegate next,
    UploadAdmission admission,
    ShedAnswers answers,
    RefusedStreams refused,
    ServerOptions options,
    TimeProvider time)
{
    /// <summary>The place of a call that was let in.</summary>
    public static AdmissionPlace PlaceOf(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<AdmissionPlace>()
        ?? throw new InvalidOperationException("The call did not come through the gate.");

    /// <summary>Until when the caller waits, by <see cref="WorkOrder.Clock"/>; null for ever.</summary>
    public static TimeSpan? DeadlineOf(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<CallDeadline>()?.At;

    public async Task InvokeAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        IMethod? method = http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method;
        if (method?.ServiceName != V1.Matching.Descriptor.FullName)
        {
            await next(http);
            return;
        }

        // Also where nothing is wrong: a slip must not wait for the day when the header counts.
        try
        {
            _ = IndeterminateVerdicts.HeaderOf(http);
        }
        catch (RpcException e)
        {
            await FrameworkErrors.WriteAsync(http, e);
            return;
        }

        bool isGrpc = FrameworkErrors.IsGrpc(http);
        TimeSpan? deadline = CallDeadline.Read(http.Request.Headers) is { } left ? WorkOrder.Clock(time) + left : null;
        if (deadline is { } at)
        {
            http.Features.Set(new CallDeadline(at));
        }

        using AdmissionPlace? place = Enter(http, method, deadline, out RpcException? refusal);
        if (place is not null)
        {
            http.Features.Set(place);
            refusal = await ReceiveAsync(http, place, method, isGrpc, deadline);
        }

        if (refusal is null)
        {
            await next(http);
        }
        else if (!http.RequestAborted.IsCancellationRequested)
        {
            place?.Dispose();
            await AnswerAsync(http, method.Name, isGrpc, refusal);
        }
    }

    private async Task AnswerAsync(HttpContext http, string method, bool isGrpc, RpcException refusal)
    {
        try
        {
            await refused.AnswerAsync(http, () => answers.WriteAsync(http, method, isGrpc, refusal));
        }
        catch (Exception e) when (
            e is IOException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
    }

    private AdmissionPlace? Enter(HttpContext http, IMethod method, TimeSpan? deadline, out RpcException? refusal)
    {
        string caller = Callers.NameOf(http);
        if (method.Type == MethodType.DuplexStreaming)
        {
            refusal = null;
            return admission.EnterStream(caller);
        }

        // Of a batch nothing is known yet; it takes turns, and no room from uploads.
        return admission.TryEnter(
            caller,
            method.Name == nameof(MatchingService.MatchHashes)
                ? null
                : new WorkOrder(caller, TimeSpan.Zero, deadline),
            out refusal);
    }

    // Puts itself between the transport and what reads the body; a refusal where the message cannot be held.
    private async Task<RpcException?> ReceiveAsync(
        HttpContext http, AdmissionPlace place, IMethod method, bool isGrpc, TimeSpan? deadline)
    {
        IntakeKind kind = !isGrpc ? IntakeKind.Json : method.Type switch
        {
            MethodType.ClientStreaming => IntakeKind.Upload,
            MethodType.DuplexStreaming => IntakeKind.Stream,
            _ => IntakeKind.Message,
        };
        var body = new IntakeReader(
            http.Request.BodyReader, place, kind, options.MaxMessageBytes, admission.MaxBytes, admission.NoRoom);
        if (kind == IntakeKind.Json)
        {
            if (!place.TryHold(Math.Min((http.Request.ContentLength ?? 0) * 2, admission.MaxBytes)))
            {
                return admission.NoRoom();
            }

            http.Request.Body = body.AsStream();
        }

        if (kind == IntakeKind.Message && await PeekAsync(http, body, deadline) is { } refusal)
        {
            return refusal;
        }

        http.Features.Set(body);
        http.Features.Set<IRequestBodyPipeFeature>(new Intake(body));
        return null;
    }

    private async Task<RpcException?> PeekAsync(HttpContext http, IntakeReader body, TimeSpan? deadline)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (deadline is { } at)
        {
            limited.CancelAfter(TimeSpan.FromMilliseconds(
                Math.Clamp((at - WorkOrder.Clock(time)).TotalMilliseconds, 0, int.MaxValue)));
        }

        try
        {
            await body.PeekAsync(limited.Token);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return RpcErrors.DeadlineExceeded();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return RpcErrors.Cancelled();
        }
    }

    private sealed class Intake(IntakeReader body) : IRequestBodyPipeFeature
    {
        public System.IO.Pipelines.PipeReader Reader => body;
    }
}
