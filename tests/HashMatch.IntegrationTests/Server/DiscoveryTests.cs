using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Server.Health;
using Xunit;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>What a server says of itself: health, reflection, its certificate.</summary>
public sealed class DiscoveryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reflection_lists_the_services()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(Store(), Cancellation);
        var reflection = new ServerReflection.ServerReflectionClient(server.Channel);
        using var call = reflection.ServerReflectionInfo(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(
            new ServerReflectionRequest { ListServices = "" }, Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        Assert.Superset(
            new HashSet<string>
            {
                "hashmatch.v1.Matching", "hashmatch.v1.HashLists", "hashmatch.v1.Events", "hashmatch.v1.Audit",
                "grpc.health.v1.Health",
            },
            call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Without_an_active_list_the_server_is_ready_and_matching_is_not()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(Store(), Cancellation);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.NotServing,
            await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation));
        using var watch = server.Health.Watch(
            new HealthCheckRequest { Service = "hashmatch.v1.Matching" }, cancellationToken: Cancellation);
        await Statuses.FailsAsync(
            StatusCode.Unavailable, "NO_ACTIVE_LISTS",
            () => server.MatchAsync(DrawnPicture.Draw(1), Cancellation), canRetry: true);
        await server.CreateAsync("list", null, [Entries.Pdq(Entries.RandomPdq(1), "a")], Cancellation);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            await server.HealthOfAsync("hashmatch.v1.Matching", Cancellation));
        while (await watch.ResponseStream.MoveNext(Cancellation)
            && watch.ResponseStream.Current.Status != HealthCheckResponse.Types.ServingStatus.Serving)
        {
        }

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
        RpcException unknown = await Assert.ThrowsAsync<RpcException>(
            () => server.HealthOfAsync("no.such", Cancellation));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task With_a_certificate_one_address_serves_gRPC_and_JSON_over_TLS()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hashmatch.test", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(_folder["cert.pem"], certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(_folder["key.pem"], key.ExportPkcs8PrivateKeyPem(), Cancellation);
        string[] tls =
        [
            $"--HashMatch:Tls:CertificatePath={_folder["cert.pem"]}", $"--HashMatch:Tls:KeyPath={_folder["key.pem"]}",
        ];
        await using RunningServer server = await RunningServer.StartAsync(
            Store(), Cancellation, [.. tls, "--listen", "https://127.0.0.1:0", "--listen-json", ""]);
        Assert.StartsWith("https://", server.Address, StringComparison.Ordinal);

        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = Trusting(certificate),
            DisposeHttpClient = true,
        });
        await Eventually.TrueAsync(
            async () => (await new Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest(), cancellationToken: Cancellation)).Status
                == HealthCheckResponse.Types.ServingStatus.Serving,
            "the server is ready", Cancellation);
        Assert.Empty((await new V1.HashLists.HashListsClient(channel).ListListsAsync(
            new V1.ListListsRequest(), cancellationToken: Cancellation)).Lists);

        using var http = new HttpClient(Trusting(certificate)) { BaseAddress = new Uri(server.Address) };
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, "/v1/lists")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using HttpResponseMessage answer = await http.SendAsync(asked, Cancellation);
            Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
        }

        Assert.Equal(0, await HealthProbe.RunAsync(["--listen", server.Address, .. tls]));
        Assert.Equal(1, await HealthProbe.RunAsync([server.Address]));
    }

    [Fact]
    public async Task The_probe_says_whether_a_server_is_ready()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(Store(), Cancellation);
        string json = server.Json.BaseAddress!.ToString();
        Assert.Equal(0, await HealthProbe.RunAsync([json]));
        Assert.Equal(0, await HealthProbe.RunAsync(["--listen-json", json]));
        Assert.Equal(1, await HealthProbe.RunAsync([server.Address]));
    }

    private static SocketsHttpHandler Trusting(X509Certificate2 certificate)
    {
        byte[] expected = certificate.RawData;
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, seen, _, _) => seen is not null && seen.GetRawCertData().AsSpan().SequenceEqual(expected);
        return handler;
    }

    private string Store() => $"sqlite:{_folder["data"]}";
}
