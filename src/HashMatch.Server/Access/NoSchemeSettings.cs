using Microsoft.AspNetCore.Authentication;

namespace HashMatch.Server.Access;

/// <summary>The schemes have our settings and none of ASP.NET's own section.</summary>
internal sealed class NoSchemeSettings : IAuthenticationConfigurationProvider
{
    public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
}
