using Grpc.AspNetCore.Server;
using HashMatch.Matching.Access;
using Microsoft.AspNetCore.Authorization;

namespace HashMatch.Server.Access;

/// <summary>
/// Policies of endpoints. Every endpoint says one, or that it is open; one that says neither is refused to everybody.
/// </summary>
public static class AccessPolicies
{
    /// <summary>Any caller that is known, whatever its roles.</summary>
    public static AuthorizationPolicy AnyCaller { get; } =
        new AuthorizationPolicyBuilder().RequireAssertion(context => IsKnown(context)).Build();

    /// <summary>Who reads metrics.</summary>
    public static AuthorizationPolicy Metrics { get; } = Of(new CallRight(CallerRoles.Metrics));

    /// <summary>
    /// Of what says nothing: only what the framework answers itself, that there is no such thing, and to known callers
    /// alone.
    /// </summary>
    public static AuthorizationPolicy Unsaid { get; } =
        new AuthorizationPolicyBuilder().RequireAssertion(context => IsKnown(context) && IsNothing(context)).Build();

    /// <summary>The policy of a right.</summary>
    public static AuthorizationPolicy Of(CallRight right) => new AuthorizationPolicyBuilder()
        .RequireAssertion(context => right.Allows(Callers.Of(context.User)))
        .Build();

    /// <summary>Gives each RPC of a service the policy of its row of <see cref="Permissions"/>.</summary>
    public static GrpcServiceEndpointConventionBuilder WithPermissions(
        this GrpcServiceEndpointConventionBuilder service)
    {
        ArgumentNullException.ThrowIfNull(service);
        service.Add(endpoint =>
        {
            string? method = endpoint.Metadata.OfType<GrpcMethodMetadata>().FirstOrDefault()?.Method.FullName;
            if (method is not null && Permissions.Of(method) is { } right)
            {
                endpoint.Metadata.Add(Of(right));
                endpoint.Metadata.Add(right);
            }
        });
        return service;
    }

    private static bool IsKnown(AuthorizationHandlerContext context) =>
        context.User.Identity is { IsAuthenticated: true };

    // No endpoint, gRPC's answer to an unknown service or method, or routing's to a wrong verb or content type.
    private static bool IsNothing(AuthorizationHandlerContext context) =>
        context.Resource is HttpContext http && http.GetEndpoint() switch
        {
            null => true,
            RouteEndpoint route => route.Metadata.GetMetadata<GrpcMethodMetadata>() is null
                && route.RoutePattern.Parameters.Any(
                    parameter => parameter.Name is "unimplementedService" or "unimplementedMethod"),
            _ => true,
        };
}
