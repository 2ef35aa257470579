using Grpc.Core;
using HashMatch.Server.Errors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace HashMatch.Server.Access;

/// <summary>Says in gRPC's or JSON's way why a call was refused before it reached a service.</summary>
public sealed class AccessRefusals : IAuthorizationMiddlewareResultHandler
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

        await FrameworkErrors.WriteAsync(
            context, authorizeResult.Forbidden ? RpcErrors.RoleMissing() : await WhyAsync(context));
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
