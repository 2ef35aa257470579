using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Stores;
using Xunit;

namespace HashMatch.IntegrationTests.Stores;

/// <summary>TLS to Redis, by an authority of one's own that the configuration names.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_named_authority_is_trusted_and_no_other()
    {
        using X509Certificate2 authority = Authority("ours");
        using X509Certificate2 other = Authority("another");
        Write("ca.pem", authority.ExportCertificatePem());
        Write("other.pem", other.ExportCertificatePem());
        Issue(authority, "127.0.0.1", "server");
        int port = FreePorts.Take();
        await using RedisServer server = await RedisServer.StartAsync(
            Cancellation, "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no",
            "--tls-cert-file", _folder["server.pem"], "--tls-key-file", _folder["server.key"],
            "--tls-ca-cert-file", _folder["ca.pem"]);
        await using IListStore store = await OpenAsync($"127.0.0.1:{port},sslCa={_folder["ca.pem"]}");
        var catalog = new ListCatalog(store, TimeProvider.System);
        Assert.True((await catalog.CreateAsync("a", "", new MatchPolicy(), Cancellation)).IsOk);
        foreach (string option in (string[])["ssl=true", $"sslCa={_folder["other.pem"]}"])
        {
            await using IListStore refused = await OpenAsync($"127.0.0.1:{port},{option}");
            await Assert.ThrowsAsync<StoreUnavailableException>(() => refused.ReadListsAsync(Cancellation));
        }
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        using X509Certificate2 authority = Authority("ours");
        Write("ca.pem", authority.ExportCertificatePem());
        Issue(authority, "192.0.2.1", "server");
        int port = FreePorts.Take();
        await using RedisServer server = await RedisServer.StartAsync(
            Cancellation, "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no",
            "--tls-cert-file", _folder["server.pem"], "--tls-key-file", _folder["server.key"],
            "--tls-ca-cert-file", _folder["ca.pem"]);
        await using IListStore store = await OpenAsync($"127.0.0.1:{port},sslCa={_folder["ca.pem"]}");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadListsAsync(Cancellation));
    }

    private static Task<IListStore> OpenAsync(string configuration) =>
        ListStores.OpenAsync($"redis:{configuration},connectRetry=1", TimeProvider.System, Cancellation);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddHours(-1), Now.AddHours(1));
    }

    private void Issue(X509Certificate2 authority, string address, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(authority, Now.AddHours(-1), Now.AddMinutes(50), [1, 2, 3]);
        Write($"{name}.pem", issued.ExportCertificatePem());
        Write($"{name}.key", key.ExportPkcs8PrivateKeyPem());
    }

    private void Write(string name, string text) => File.WriteAllText(_folder[name], text);
}
