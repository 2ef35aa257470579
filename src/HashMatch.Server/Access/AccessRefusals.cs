using Grpc.Core;
using HashMatch.Server.Admission;
using HashMatch.Server.Errors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace HashMatch.Server.Access;

/// <summary>Says in gRPC's or JSON's way why a call was refused before it reached a service.</summary>
public sealed class AccessRefusals(RefusedStreams refused) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(authorizeResult);
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        RpcException why = authorizeResult.Forbidden ? RpcErrors.RoleMissing() : await WhyAsync(context);
        try
        {
            // Nobody reads the body: who has no credential must not pile streams up either.
            await refused.AnswerAsync(context, () => FrameworkErrors.WriteAsync(context, why));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
    }

    private static async Task<RpcException> WhyAsync(HttpContext context)
    {
        // Made once a call and kept: this is the answer that the caller was refused by.
        AuthenticateResult result = await context.AuthenticateAsync();
        return result.None && context.Request.Headers.Authorization.Count == 0 ? RpcErrors.CredentialMissing()
            : ReferenceEquals(result.Failure, CredentialChecks.Unknown) ? RpcErrors.CallersUnknown()
            : RpcErrors.CredentialWrong();
    }
}
