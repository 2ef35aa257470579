using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace HashMatch.IntegrationTests.Access;

/// <summary>Makes tokens for tests.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Name = "https://issuer.test";
    public const string Audience = "hashmatch";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A key set with the public key.</summary>
    public string Jwks
    {
        get
        {
            JsonWebKey key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(
                new ECDsaSecurityKey(ECDsa.Create(_key.ExportParameters(false))));
            return $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{key.X}}","y":"{{key.Y}}","use":"sig"}]}""";
        }
    }

    /// <summary>A token that is right but for what is said.</summary>
    public string Token(
        string subject,
        string[] roles,
        string issuer = Name,
        string audience = Audience,
        double expiresInSeconds = 600,
        SigningCredentials? signedBy = null,
        string rolesClaim = "roles")
    {
        DateTime now = DateTime.UtcNow;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer,
                Audience = audience,
                NotBefore = now.AddHours(-1),
                Expires = now.AddSeconds(expiresInSeconds),
                Subject = new ClaimsIdentity(
                    [new Claim("sub", subject), .. roles.Select(role => new Claim(rolesClaim, role))]),
                SigningCredentials = signedBy ?? new SigningCredentials(
                    new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256),
            });
    }

    /// <summary>A token that is right but for its lack of a signature.</summary>
    public string Unsigned(string subject, string[] roles)
    {
        string body = Token(subject, roles).Split('.')[1];
        string head = Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"JWT"}"""));
        return $"{head}.{body}.";
    }

    /// <summary>A token signed with the public key as if it were a shared secret.</summary>
    public string Confused(string subject, string[] roles) => Token(
        subject,
        roles,
        signedBy: new SigningCredentials(
            new SymmetricSecurityKey(_key.ExportSubjectPublicKeyInfo()), SecurityAlgorithms.HmacSha256));

    public void Dispose() => _key.Dispose();
}
