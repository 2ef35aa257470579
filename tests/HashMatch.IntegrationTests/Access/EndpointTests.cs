using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Server;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace HashMatch.IntegrationTests.Access;

/// <summary>Nothing is served that does not say for whom.</summary>
public sealed class EndpointTests : IDisposable
{
    private static readonly string[] Open =
    [
        "/health/live", "/health/ready", "/health/startup", "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/Watch",
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_endpoint_says_a_policy_or_is_open()
    {
        await using WebApplication app = await BuildAsync();
        List<string> open = [];
        List<string> unsaid = [];
        IEnumerable<RouteEndpoint> endpoints = ((IEndpointRouteBuilder)app).DataSources
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();
        foreach (RouteEndpoint endpoint in endpoints)
        {
            string path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (path.Contains("unimplemented", StringComparison.Ordinal))
            {
                // gRPC's own answer, that there is no such thing.
                continue;
            }

            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                open.Add(path);
            }
            else if (endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is null
                && endpoint.Metadata.GetMetadata<IAuthorizeData>() is null)
            {
                unsaid.Add(path);
            }
        }

        Assert.Empty(unsaid);
        Assert.Equal(Open.Order(), open.Distinct().Order());
    }

    [Fact]
    public async Task Nothing_here_keeps_keys_of_its_own_on_the_disk()
    {
        await using WebApplication app = await BuildAsync();
        Assert.Null(app.Services.GetService<IDataProtectionProvider>());
    }

    [Fact]
    public async Task Reflection_and_health_of_a_closed_server()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            $"sqlite:{_folder.Path}", Cancellation, "--HashMatch:Access:Open=false");
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving, await server.HealthOfAsync("", Cancellation));
        using var call = new ServerReflection.ServerReflectionClient(server.Channel)
            .ServerReflectionInfo(cancellationToken: Cancellation);
        await Statuses.FailsAsync(
            StatusCode.Unauthenticated, "CREDENTIAL_MISSING", () => call.ResponseStream.MoveNext(Cancellation));
    }

    private Task<WebApplication> BuildAsync() =>
        ServerHost.BuildAsync(["--store", $"sqlite:{_folder.Path}"], Cancellation);
}
