using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HashMatch.Server.Configuration;

/// <summary>Reads the certificate that TLS is served with.</summary>
public static class ServerCertificate
{
    /// <summary>The certificate with its key, and the intermediates that stand behind it in its file.</summary>
    /// <exception cref="ConfigurationException">A file cannot be read, or the two do not belong together.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(TlsOptions options)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(options.CertificatePath, options.KeyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.CertificatePath);
            chain.RemoveAt(0);
            return (certificate, chain);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"HashMatch:Tls: a file cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConfigurationException(
                $"HashMatch:Tls: {options.CertificatePath} and its key are not a PEM certificate and its key: "
                + e.Message.ReplaceLineEndings(" "),
                e);
        }
    }
}
