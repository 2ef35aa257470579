using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>Callers that show a client certificate in TLS.</summary>
public sealed record CertificateOptions
{
    /// <summary>A PEM file with the authorities that sign callers' certificates; no other authority counts.</summary>
    [Required]
    public string CaPath { get; init; } = "";

    /// <summary>Who may call, by the certificate's subject; any other subject is refused.</summary>
    [MinLength(1)]
    public List<SubjectOptions> Subjects { get; init; } = [];
}
