using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HashMatch.Matching;
using HashMatch.Server.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class ServerSettingsTests
{
    [Fact]
    public void Defaults_are_safe_and_valid()
    {
        ServerOptions options = Read();
        Assert.StartsWith("sqlite:", options.Store, StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, options.MaxConcurrentDecodes);
        Assert.False(options.AllowEmptyIndex);
        Assert.Null(options.MaxIndexAge);
        var endpoints = ServerEndpoints.From(options);
        Assert.Equal(new ServerEndpoint("127.0.0.1", 50051, IsTls: false), endpoints.Grpc);
        Assert.Equal(new ServerEndpoint("127.0.0.1", 50080, IsTls: false), endpoints.Json);
    }

    [Fact]
    public void Short_switches_and_long_names_are_the_same_settings()
    {
        ServerOptions options = Read(
            "--store", "redis:localhost:6379", "--listen=http://127.0.0.1:1", "--listen-json", "http://[::1]:2",
            "--HashMatch:Images:MaxPixels=123", "--HashMatch:Matcher:UnhashableAction=block",
            "--HashMatch:MaxIndexAge=00:01:00");
        Assert.Equal("redis:localhost:6379", options.Store);
        Assert.Equal("http://127.0.0.1:1", options.Listen);
        Assert.Equal("http://[::1]:2", options.ListenJson);
        Assert.Equal(123, options.Images.MaxPixels);
        Assert.Equal(MatchAction.Block, options.Matcher.UnhashableAction);
        Assert.Equal(TimeSpan.FromMinutes(1), options.MaxIndexAge);
    }

    [Theory]
    [InlineData("MaxConcurrentDecodes", "--HashMatch:MaxConcurrentDecodes=0")]
    [InlineData("MaxQueuedUploads", "--HashMatch:MaxQueuedUploads=-1")]
    [InlineData("StreamWindowBytes", "--HashMatch:Transport:StreamWindowBytes=65534")]
    [InlineData("StreamWindowBytes", "--HashMatch:Transport:StreamWindowBytes=16777217")]
    [InlineData("MaxImageBytes", "--HashMatch:Images:MaxImageBytes=1")]
    [InlineData("Timeout", "--HashMatch:Images:Timeout=soon")]
    [InlineData("MaxMatches", "--HashMatch:Matcher:MaxMatches=0")]
    [InlineData("CertificatePath", "--HashMatch:Tls:KeyPath=x")]
    [InlineData("MaxIndexAge", "--HashMatch:MaxIndexAge=00:00:00.5")]
    [InlineData("Store", "--HashMatch:Store=")]
    [InlineData("TraceSampling", "--HashMatch:Telemetry:TraceSampling=1.5")]
    [InlineData("Logs", "--HashMatch:Telemetry:Logs=xml")]
    [InlineData("OtlpEndpoint", "--HashMatch:Telemetry:OtlpEndpoint=collector:4317")]
    [InlineData("OtlpEndpoint", "--HashMatch:Telemetry:OtlpEndpoint=/collector")]
    [InlineData("DrainDelay", "--HashMatch:DrainDelay=01:00:00")]
    [InlineData("AllowPlaintext", "--listen-metrics", "http://*:9464")]
    [InlineData("HashMatch:ListenMetrics", "--listen-metrics", "9464")]
    [InlineData("'Stoer'", "--HashMatch:Stoer=x")]
    [InlineData("'MaxWidht'", "--HashMatch:Images:MaxWidht=9")]
    [InlineData("AllowPlaintext", "--listen", "http://0.0.0.0:1")]
    [InlineData("AllowPlaintext", "--listen-json", "http://*:1")]
    [InlineData("AllowPlaintext", "--listen", "http://192.0.2.1:1")]
    [InlineData("AllowPlaintext", "--listen", "http://[::]:1")]
    [InlineData("CertificatePath", "--listen", "https://127.0.0.1:1")]
    [InlineData("https://", "--listen", "http://127.0.0.1:1", "--HashMatch:Tls:CertificatePath=x")]
    [InlineData("HashMatch:Listen", "--listen", "127.0.0.1:1")]
    [InlineData("HashMatch:Listen", "--listen", "ftp://127.0.0.1:1")]
    [InlineData("HashMatch:Listen", "--listen", "http://127.0.0.1:1/path")]
    [InlineData("HashMatch:Listen", "--listen", "http://example.org:1")]
    [InlineData("unix:", "--listen", "unix:relative.sock")]
    [InlineData("SocketMode", "--HashMatch:SocketMode=9")]
    [InlineData("Access:Open", "--listen", "http://0.0.0.0:1", "--HashMatch:AllowPlaintext=true",
        "--HashMatch:Access:Open=true")]
    [InlineData("Access:Open", "--listen-json", "http://192.0.2.1:1", "--HashMatch:AllowPlaintext=true",
        "--HashMatch:Access:Open=true")]
    [InlineData("Access:Open", "--HashMatch:ListenMetrics=http://0.0.0.0:1", "--HashMatch:AllowPlaintext=true",
        "--HashMatch:Access:Open=true")]
    [InlineData("Access:Callers:ci", "--HashMatch:Access:Callers:ci:KeyId=0123456789abcdef")]
    [InlineData("'root' is not a role", "--HashMatch:Access:Callers:ci:KeyId=0123456789abcdef",
        "--HashMatch:Access:Callers:ci:KeyHash=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "--HashMatch:Access:Callers:ci:Roles:0=root")]
    [InlineData("Access:Certificates needs", "--HashMatch:Access:Certificates:CaPath=x",
        "--HashMatch:Access:Certificates:Subjects:0:Subject=CN=a")]
    [InlineData("Authority or JwksPath", "--HashMatch:Access:Jwt:Audience=a")]
    [InlineData("Authority or JwksPath", "--HashMatch:Access:Jwt:Audience=a", "--HashMatch:Access:Jwt:JwksPath=x",
        "--HashMatch:Access:Jwt:Authority=https://a")]
    [InlineData("https://", "--HashMatch:Access:Jwt:Audience=a", "--HashMatch:Access:Jwt:Authority=http://a")]
    [InlineData("Issuer", "--HashMatch:Access:Jwt:Audience=a", "--HashMatch:Access:Jwt:JwksPath=x")]
    [InlineData("JwksPath", "--HashMatch:Access:Jwt:Audience=a", "--HashMatch:Access:Jwt:JwksPath=/nowhere",
        "--HashMatch:Access:Jwt:Issuer=a")]
    [InlineData("Audience", "--HashMatch:Access:Jwt:JwksPath=x")]
    [InlineData("Rate", "--HashMatch:Access:Rate=-1")]
    [InlineData("MinHashes", "--HashMatch:Access:Probing:MinHashes=1")]
    [InlineData("'--foo'", "--foo", "bar")]
    [InlineData("'stray'", "stray")]
    [InlineData("--store", "--store")]
    public void A_bad_setting_is_named_in_one_line(string named, params string[] arguments)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(arguments));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Plaintext_for_other_machines_is_served_when_it_is_said()
    {
        ServerOptions options = Read("--listen", "http://0.0.0.0:1", "--HashMatch:AllowPlaintext=true");
        Assert.True(ServerEndpoints.From(options).Grpc.IsAny);
    }

    [Fact]
    public void With_a_certificate_one_endpoint_serves_both()
    {
        var endpoints = ServerEndpoints.From(Read("--HashMatch:Tls:CertificatePath=x"));
        Assert.True(endpoints.Grpc.IsTls);
        Assert.Null(endpoints.Json);
        Assert.Null(ServerEndpoints.From(Read("--listen-json", "")).Json);
    }

    [Fact]
    public void A_certificate_that_cannot_be_read_is_a_bad_setting()
    {
        string folder = Directory.CreateTempSubdirectory("hashmatch-test-").FullName;
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
            using X509Certificate2 made = request.CreateSelfSigned(
                DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            string certificate = Write("c.pem", made.ExportCertificatePem());
            string good = Write("k.pem", key.ExportPkcs8PrivateKeyPem());
            string wrong = Write("w.pem", other.ExportPkcs8PrivateKeyPem());
            string garbage = Write("g.pem", "not PEM");

            using X509Certificate2 loaded = Load(certificate, good);
            Assert.True(loaded.HasPrivateKey);
            Assert.Throws<ConfigurationException>(() => Load(certificate, wrong));
            Assert.Throws<ConfigurationException>(() => Load(certificate, garbage));
            Assert.Throws<ConfigurationException>(() => Load(certificate, null));
            Assert.Throws<ConfigurationException>(() => Load(garbage, good));
            Assert.Throws<ConfigurationException>(() => Load(certificate, Path.Combine(folder, "missing.pem")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Write(string name, string text)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllText(path, text);
            return path;
        }

        static X509Certificate2 Load(string certificate, string? key) =>
            ServerCertificate.Load(new TlsOptions { CertificatePath = certificate, KeyPath = key }).Certificate;
    }

    private static ServerOptions Read(params string[] arguments)
    {
        var configuration = new ConfigurationManager();
        ServerSettings.AddSources(configuration, arguments);
        return ServerSettings.Read(configuration);
    }
}
