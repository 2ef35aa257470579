using System.Security.Cryptography.X509Certificates;
using HashMatch.Matching.Access;
using HashMatch.Server.Configuration;
using Microsoft.AspNetCore.Authentication.Certificate;

namespace HashMatch.Server.Access;

/// <summary>Makes callers of client certificates.</summary>
internal static class CertificateCallers
{
    public static void Configure(CertificateAuthenticationOptions certificate, CertificateOptions options)
    {
        Dictionary<string, SubjectOptions> subjects = [];
        foreach (SubjectOptions subject in options.Subjects)
        {
            subjects[AccessSettings.SubjectOf(subject.Subject)] = subject;
        }

        certificate.AllowedCertificateTypes = CertificateTypes.Chained;
        certificate.ChainTrustValidationMode = X509ChainTrustMode.CustomRootTrust;
        certificate.CustomTrustStore = AccessSettings.LoadAuthorities(options.CaPath);
        // An authority of one's own has no list of what it revoked: a subject is revoked in the settings.
        certificate.RevocationMode = X509RevocationMode.NoCheck;
        certificate.ValidateCertificateUse = true;
        certificate.ValidateValidityPeriod = true;
        certificate.Events = new CertificateAuthenticationEvents
        {
            OnCertificateValidated = context =>
            {
                if (subjects.TryGetValue(context.ClientCertificate.SubjectName.Name, out SubjectOptions? subject))
                {
                    context.Principal = CallerIdentity.PrincipalOf(new Caller
                    {
                        Name = context.ClientCertificate.SubjectName.Name,
                        Kind = CredentialKind.Certificate,
                        Roles = RoleWords.Read(subject.Roles),
                        Details = subject.Details,
                        Rate = subject.Rate,
                        ExpiresAt = new DateTimeOffset(context.ClientCertificate.NotAfter),
                    });
                    context.Success();
                }
                else
                {
                    context.Fail(CredentialChecks.Wrong);
                }

                return Task.CompletedTask;
            },
        };
    }
}
