using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using HashMatch.IntegrationTests.Exchanging;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using HashMatch.Matching.Access;
using HashMatch.Matching.Stores;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace HashMatch.IntegrationTests.Access;

/// <summary>A server over TLS that knows a caller of every role by key, by token and by certificate; and credentials of
/// every kind, right and wrong.</summary>
public sealed class AccessFixture : IAsyncLifetime
{
    /// <summary>A caller that is a matcher and sees details.</summary>
    public const string Details = "matcher-with-details";

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new("callers");
    private readonly TestAuthority _stranger = new("callers");
    private readonly TestIssuer _issuer = new();
    private readonly TestIssuer _otherIssuer = new();
    private readonly Dictionary<string, GrpcChannel> _channels = [];
    private readonly List<Credential> _credentials = [];
    private RunningServer? _server;
    private X509Certificate2? _serverCertificate;

    /// <summary>Every role, and the matcher that sees details.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. RoleWords.All, Details];

    /// <summary>Every credential that is tried.</summary>
    public IReadOnlyList<Credential> Credentials => _credentials;

    public string Address => _server!.Address;

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string store = $"sqlite:{_folder["data"]}";
        List<string> settings = await AddKeysAsync(store, cancellation);
        AddTokens(settings);
        AddCertificates(settings);
        _credentials.Add(new Credential("no credential", null, new Dictionary<string, string>()));
        _server = await RunningServer.StartAsync(
            store,
            cancellation,
            ["--HashMatch:Access:Open=false", "--listen", "https://127.0.0.1:0", "--listen-json", "", .. settings]);
        await Eventually.TrueAsync(() => _server.IsReady, "the server is ready", cancellation);
    }

    /// <summary>A channel that shows a credential's certificate.</summary>
    public GrpcChannel ChannelOf(Credential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        string key = credential.Certificate?.Thumbprint ?? "";
        if (!_channels.TryGetValue(key, out GrpcChannel? channel))
        {
            _channels[key] = channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions
            {
                HttpHandler = HandlerOf(credential),
                DisposeHttpClient = true,
            });
        }

        return channel;
    }

    /// <summary>What sends a credential's certificate and trusts the server's.</summary>
    public SocketsHttpHandler HandlerOf(Credential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, seen, _, _) =>
            seen is not null && seen.GetRawCertData().AsSpan().SequenceEqual(_serverCertificate!.RawData);
        if (credential.Certificate is { } certificate)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (GrpcChannel channel in _channels.Values)
        {
            channel.Dispose();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _issuer.Dispose();
        _otherIssuer.Dispose();
        _authority.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    private static string[] RolesOf(string kind) => kind == Details ? ["matcher"] : [kind];

    private async Task<List<string>> AddKeysAsync(string address, CancellationToken cancellation)
    {
        List<string> settings = [];
        await using IListStore store = await ListStores.OpenAsync(address, TimeProvider.System, cancellation);
        var catalog = new CallerCatalog(store, TimeProvider.System);
        foreach (string kind in Kinds)
        {
            // Half of them by the settings, half by the store; by either header.
            var key = ApiKey.Create();
            if (kind is "matcher" or "auditor")
            {
                settings.Add($"--HashMatch:Access:Callers:{kind}:KeyId={key.Id}");
                settings.Add($"--HashMatch:Access:Callers:{kind}:KeyHash={key.Hash}");
                settings.Add($"--HashMatch:Access:Callers:{kind}:Roles:0={kind}");
                _credentials.Add(Key("API key", kind, "x-api-key", key.Reveal()));
            }
            else
            {
                await AddAsync(catalog, kind, new CallerDefinition(), key, cancellation);
                _credentials.Add(Key("API key", kind, "authorization", $"Bearer {key.Reveal()}"));
            }
        }

        var expired = ApiKey.Create();
        var disabled = ApiKey.Create();
        var removed = ApiKey.Create();
        var replaced = ApiKey.Create();
        var used = ApiKey.Create();
        DateTimeOffset past = DateTimeOffset.UtcNow.AddMinutes(-1);
        await AddAsync(
            new CallerCatalog(store, new ShiftedTime(TimeSpan.FromHours(-1))), "list-editor.expired",
            new CallerDefinition { ExpiresAt = past }, expired, cancellation);
        await AddAsync(
            catalog, "list-editor.disabled", new CallerDefinition { Disabled = true }, disabled, cancellation);
        await AddAsync(catalog, "list-editor.removed", new CallerDefinition(), removed, cancellation);
        await catalog.RemoveAsync("list-editor.removed", cancellation);
        await AddAsync(catalog, "list-editor.replaced", new CallerDefinition(), replaced, cancellation);
        await catalog.RotateAsync("list-editor.replaced", ApiKey.Create(), TimeSpan.Zero, cancellation);
        await AddAsync(catalog, "list-editor.used", new CallerDefinition(), used, cancellation);
        string wrong = used.Reveal()[..^1] + (used.Reveal()[^1] == '0' ? '1' : '0');
        foreach ((string kind, string text) in new[]
        {
            ("expired API key", expired.Reveal()), ("disabled API key", disabled.Reveal()),
            ("removed API key", removed.Reveal()), ("replaced API key", replaced.Reveal()),
            ("API key with a wrong secret", wrong), ("unknown API key", ApiKey.Create().Reveal()),
            ("malformed API key", used.Reveal()[..^1]), ("the hash of an API key", $"hm_{used.Id}_{used.Hash}"),
            ("an empty API key", ""),
        })
        {
            _credentials.Add(Key(kind, null, "x-api-key", text));
            _credentials.Add(Key($"{kind} as bearer", null, "authorization", $"Bearer {text}"));
        }

        _credentials.Add(new Credential("two API keys", null, new Dictionary<string, string>
        {
            ["x-api-key"] = used.Reveal(),
            ["authorization"] = $"Bearer {used.Reveal()}",
        }));
        _credentials.Add(Key("basic authentication", null, "authorization", "Basic dXNlcjpwYXNzd29yZA=="));
        return settings;
    }

    private static async Task AddAsync(
        CallerCatalog catalog, string name, CallerDefinition definition, ApiKey key, CancellationToken cancellation)
    {
        string kind = name.Split('.')[0];
        CallerResult added = await catalog.AddAsync(
            name, definition with { Roles = RolesOf(kind), Details = kind == Details }, key, cancellation);
        Assert.True(added.Caller is not null, added.Message);
    }

    private static Credential Key(string kind, string? role, string header, string text) =>
        new(kind, role, new Dictionary<string, string> { [header] = text });

    private void AddTokens(List<string> settings)
    {
        File.WriteAllText(_folder["keys.json"], _issuer.Jwks);
        settings.Add($"--HashMatch:Access:Jwt:JwksPath={_folder["keys.json"]}");
        settings.Add($"--HashMatch:Access:Jwt:Issuer={TestIssuer.Name}");
        settings.Add($"--HashMatch:Access:Jwt:Audience={TestIssuer.Audience}");
        _credentials.AddRange(RoleWords.All.Select(role => Token("token", role, _issuer.Token("someone", [role]))));
        string[] editor = ["list-editor"];
        using var rsa = RSA.Create(2048);
        foreach ((string kind, string token) in new[]
        {
            ("expired token", _issuer.Token("someone", editor, expiresInSeconds: -60)),
            ("token for somebody else", _issuer.Token("someone", editor, audience: "another")),
            ("token by another issuer", _issuer.Token("someone", editor, issuer: "https://other.test")),
            ("token by another key", _otherIssuer.Token("someone", editor)),
            ("token by a key of another kind", _issuer.Token("someone", editor, signedBy: new SigningCredentials(
                new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256))),
            ("token without a signature", _issuer.Unsigned("someone", editor)),
            ("token signed with the public key as a secret", _issuer.Confused("someone", editor)),
            ("token without a subject", _issuer.Token("", editor)),
            ("broken token", "e30.e30.e30"),
        })
        {
            _credentials.Add(Token(kind, null, token));
        }

        _credentials.Add(Token("token without roles", "", _issuer.Token("someone", [])));
        _credentials.Add(Token("token with roles that are none", "", _issuer.Token("someone", ["admin", "All", "31"])));
    }

    private static Credential Token(string kind, string? role, string token) =>
        Key(kind, role, "authorization", $"Bearer {token}");

    private void AddCertificates(List<string> settings)
    {
        _serverCertificate = _authority.Server("CN=server");
        File.WriteAllText(_folder["server.pem"], _serverCertificate.ExportCertificatePem());
        using (ECDsa key = _serverCertificate.GetECDsaPrivateKey()!)
        {
            File.WriteAllText(_folder["server.key"], key.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(_folder["callers.pem"], _authority.Pem);
        settings.Add($"--HashMatch:Tls:CertificatePath={_folder["server.pem"]}");
        settings.Add($"--HashMatch:Tls:KeyPath={_folder["server.key"]}");
        settings.Add($"--HashMatch:Access:Certificates:CaPath={_folder["callers.pem"]}");
        foreach ((int i, string kind) in Kinds.Index())
        {
            string prefix = $"--HashMatch:Access:Certificates:Subjects:{i}";
            settings.Add($"{prefix}:Subject=CN={kind}, O=Example");
            settings.Add($"{prefix}:Roles:0={RolesOf(kind)[0]}");
            settings.Add($"{prefix}:Details={kind == Details}");
            Certificate("certificate", kind, _authority.Client($"CN={kind}, O=Example"));
        }

        const string Editor = "CN=list-editor, O=Example";
        Certificate("expired certificate", null, _authority.Client(Editor, isExpired: true));
        Certificate("certificate by another authority of the same name", null, _stranger.Client(Editor));
        Certificate("certificate of an unknown subject", null, _authority.Client("CN=list-editor, O=Other"));
        Certificate("certificate of a part of a subject", null, _authority.Client("CN=list-editor"));
        Certificate("certificate of a server", null, _authority.Server(Editor));
    }

    private void Certificate(string kind, string? role, X509Certificate2 certificate) =>
        _credentials.Add(new Credential(kind, role, new Dictionary<string, string>(), certificate));
}
