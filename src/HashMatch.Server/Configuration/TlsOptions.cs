using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>The server's certificate. It is read at start; a new one needs a restart.</summary>
public sealed record TlsOptions
{
    /// <summary>A PEM file: the certificate, then its intermediates.</summary>
    [Required]
    public string CertificatePath { get; init; } = "";

    /// <summary>A PEM file with the certificate's key; null when it is in the certificate's file.</summary>
    public string? KeyPath { get; init; }
}
