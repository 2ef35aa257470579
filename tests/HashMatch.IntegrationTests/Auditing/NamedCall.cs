using Grpc.Core;
using HashMatch.Matching.Access;
using HashMatch.Server.Access;
using Microsoft.AspNetCore.Http;

namespace HashMatch.IntegrationTests.Auditing;

/// <summary>A call of somebody who is known by name, as a service sees it.</summary>
internal sealed class NamedCall(string name, CancellationToken cancellation) : ServerCallContext
{
    protected override string MethodCore => "";

    protected override string HostCore => "";

    protected override string PeerCore => "";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore => cancellation;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new("", []);

    // Where gRPC's own extension looks for a call that no server made.
    protected override IDictionary<object, object> UserStateCore { get; } = new Dictionary<object, object>
    {
        ["__HttpContext"] = new DefaultHttpContext
        {
            User = CallerIdentity.PrincipalOf(new Caller
            {
                Name = name,
                Kind = CredentialKind.ApiKey,
                Roles = CallerRoles.ListEditor | CallerRoles.ListApprover,
            }),
        },
    };

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
