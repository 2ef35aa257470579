using HashMatch.Matching.Snapshots;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Auditing;

/// <summary>The key that signs the audit log, if one is configured.</summary>
public sealed class AuditKey : IDisposable
{
    private const string Setting = "HashMatch:Audit:SigningKey";
    private const int MaxBytes = 16 * 1024;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private AuditKey(SigningKey? key) => Key = key;

    /// <summary>Null when nothing is signed.</summary>
    public SigningKey? Key { get; }

    /// <summary>Reads the key.</summary>
    /// <exception cref="ConfigurationException">There is no such file, it is no key, or others can get at it.
    /// </exception>
    public static AuditKey Read(AuditOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.SigningKey))
        {
            return new AuditKey(null);
        }

        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(options.SigningKey) & Others) != 0)
            {
                throw new ConfigurationException(
                    $"{Setting}: the file may be read or changed by others than its owner; `chmod 600` it");
            }

            if (new FileInfo(options.SigningKey).Length > MaxBytes
                || SigningKey.Read(File.ReadAllBytes(options.SigningKey)) is not { } key)
            {
                throw new ConfigurationException(
                    $"{Setting}: the file holds no Ed25519 private key in PEM; `hashmatch keys new FILE` makes one");
            }

            return new AuditKey(key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Setting}: {e.Message}", e);
        }
    }

    public void Dispose() => Key?.Dispose();
}
