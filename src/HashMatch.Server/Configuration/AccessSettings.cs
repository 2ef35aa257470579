using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HashMatch.Matching.Access;

namespace HashMatch.Server.Configuration;

/// <summary>Checks what the attributes of <see cref="AccessOptions"/> do not say.</summary>
public static class AccessSettings
{
    private const string Section = "HashMatch:Access";

    /// <summary>Holds the settings of access to what they may be.</summary>
    /// <exception cref="ConfigurationException">One of them cannot be served.</exception>
    public static void Check(ServerOptions options, ServerEndpoints endpoints)
    {
        AccessOptions access = options.Access;
        CheckOpen(access, endpoints);
        foreach ((string name, CallerOptions caller) in access.Callers)
        {
            Check($"{Section}:Callers:{name}", name, caller);
        }

        if (access.Certificates is { } certificates)
        {
            if (!endpoints.Grpc.IsTls)
            {
                throw new ConfigurationException(
                    $"{Section}:Certificates needs HashMatch:Tls: callers show certificates in TLS alone");
            }

            _ = LoadAuthorities(certificates.CaPath);
            foreach ((int i, SubjectOptions subject) in certificates.Subjects.Index())
            {
                Check($"{Section}:Certificates:Subjects:{i}", subject);
            }
        }

        if (access.Jwt is { } jwt)
        {
            Check(jwt);
        }
    }

    /// <summary>A subject, written as certificates' are for comparison.</summary>
    /// <exception cref="CryptographicException">It is no distinguished name.</exception>
    public static string SubjectOf(string text) =>
        new X500DistinguishedName(new X500DistinguishedName(text).RawData).Name;

    /// <summary>The authorities of a PEM file.</summary>
    /// <exception cref="ConfigurationException">There are none.</exception>
    public static X509Certificate2Collection LoadAuthorities(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0
                ? authorities
                : throw new ConfigurationException($"{Section}:Certificates:CaPath: {path} holds no certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"{Section}:Certificates:CaPath: {path} cannot be read: "
                + e.Message.ReplaceLineEndings(" "), e);
        }
    }

    private static void CheckOpen(AccessOptions access, ServerEndpoints endpoints)
    {
        ServerEndpoint? reached = new[] { endpoints.Grpc, endpoints.Json, endpoints.Metrics }
            .FirstOrDefault(endpoint => endpoint is { IsLoopback: false });
        if (access.Open && reached is not null)
        {
            throw new ConfigurationException(
                $"{Section}:Open would give every caller all roles on {reached.Host}, which other machines reach: open "
                + "access is for loopback; add callers instead, with `hashmatch callers add`");
        }
    }

    private static void Check(string setting, string name, CallerOptions caller)
    {
        if (!ApiKey.IsId(caller.KeyId) || !ApiKey.IsHash(caller.KeyHash))
        {
            throw new ConfigurationException(
                $"{setting}: KeyId must be 16 and KeyHash 64 lower-case hex digits, as `hashmatch callers key` says");
        }

        Check(setting, caller.Roles, caller.Rate);
        if (Matching.Lists.ListCatalog.NameProblem(name) is { } problem)
        {
            throw new ConfigurationException($"{setting}: its {problem}");
        }
    }

    private static void Check(string setting, SubjectOptions subject)
    {
        try
        {
            if (SubjectOf(subject.Subject).Length == 0)
            {
                throw new ConfigurationException($"{setting}:Subject must not be empty");
            }
        }
        catch (CryptographicException e)
        {
            throw new ConfigurationException(
                $"{setting}:Subject is '{subject.Subject}'; expected such as CN=upload-1, O=Example", e);
        }

        Check(setting, subject.Roles, subject.Rate);
    }

    private static void Check(string setting, List<string> roles, int? rate)
    {
        if (new CallerDefinition { Roles = roles, Rate = rate }.Problem() is { } problem)
        {
            throw new ConfigurationException($"{setting}: {problem}");
        }
    }

    private static void Check(JwtOptions jwt)
    {
        const string Jwt = $"{Section}:Jwt";
        if (string.IsNullOrWhiteSpace(jwt.Authority) == string.IsNullOrWhiteSpace(jwt.JwksPath))
        {
            throw new ConfigurationException($"{Jwt} needs Authority or JwksPath, and not both");
        }

        if (jwt.Authority is { Length: > 0 } authority
            && !(Uri.TryCreate(authority, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps))
        {
            throw new ConfigurationException($"{Jwt}:Authority is '{authority}'; expected https://HOST");
        }

        if (jwt.JwksPath is { Length: > 0 } path)
        {
            if (string.IsNullOrWhiteSpace(jwt.Issuer))
            {
                throw new ConfigurationException($"{Jwt}:Issuer must be set with JwksPath");
            }

            Access.JwksFile.Check($"{Jwt}:JwksPath", path);
        }
    }
}
