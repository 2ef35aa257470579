using HashMatch.Server.Admission;
using HashMatch.Server.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Certificate;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;

namespace HashMatch.Server.Access;

/// <summary>Puts together who is known and who may ask what.</summary>
public static class AccessSetup
{
    // Chooses among the others by what a call shows.
    private const string ByCredential = "Credential";
    private const string Key = "ApiKey";
    private const string Open = "Open";

    /// <summary>Adds authentication and authorization, by the settings.</summary>
    public static void AddAccess(this IServiceCollection services, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AccessOptions access = options.Access;
        services.AddSingleton<CallerDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<CallerDirectory>());
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<CallerInterceptor>();
        // Not AddAuthentication: it brings data protection along, which keeps keys of its own on the disk.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = ByCredential);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoSchemeSettings>();
        AuthenticationBuilder schemes = new AuthenticationBuilder(services)
            .AddPolicyScheme(
                ByCredential, null, scheme => scheme.ForwardDefaultSelector = http => SchemeOf(http, access))
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Key, null);
        if (access.Open)
        {
            schemes.AddScheme<AuthenticationSchemeOptions, OpenHandler>(Open, null);
        }

        if (access.Certificates is { } certificates)
        {
            schemes.AddCertificate(scheme => CertificateCallers.Configure(scheme, certificates))
                .AddCertificateCache();
        }

        if (access.Jwt is { } jwt)
        {
            schemes.AddJwtBearer();
            services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
                .Configure<TimeProvider, ILogger<JwksFile>>((bearer, time, logger) => TokenCallers.Configure(
                    bearer, jwt, jwt.JwksPath is { Length: > 0 } path ? new JwksFile(path, time, logger) : null));
        }

        services.AddSingleton<RefusedStreams>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessRefusals>();
        services.AddAuthorization(authorization =>
        {
            authorization.DefaultPolicy = AccessPolicies.AnyCaller;
            authorization.FallbackPolicy = AccessPolicies.Unsaid;
        });
    }

    private static string SchemeOf(HttpContext http, AccessOptions access)
    {
        if (ApiKeyHandler.IsShown(http.Request))
        {
            return Key;
        }

        if (http.Request.Headers.Authorization.Count > 0)
        {
            return access.Jwt is null ? Key : JwtBearerDefaults.AuthenticationScheme;
        }

        return access.Certificates is not null && http.Connection.ClientCertificate is not null
            ? CertificateAuthenticationDefaults.AuthenticationScheme
            : access.Open ? Open : Key;
    }
}
