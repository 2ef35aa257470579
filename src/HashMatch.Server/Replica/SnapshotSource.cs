using HashMatch.Matching.Recovery;
using HashMatch.Server.Configuration;

namespace HashMatch.Server.Replica;

/// <summary>Opens the folder of saved lists that the settings name.</summary>
public static class SnapshotSource
{
    private const int MaxKeyFileBytes = 1024;

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>The folder; null when none is set.</summary>
    /// <exception cref="ConfigurationException">The settings contradict themselves, the key cannot be read, or the
    /// folder cannot be used.</exception>
    public static SnapshotFolder? Open(SnapshotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrWhiteSpace(options.Folder))
        {
            return null;
        }

        SnapshotKey? key = string.IsNullOrWhiteSpace(options.KeyFile) ? null : ReadKey(options.KeyFile);
        if (key is null && !options.AllowPlaintext)
        {
            throw new ConfigurationException(
                "HashMatch:Snapshot:Folder needs a key, HashMatch:Snapshot:KeyFile; "
                + "HashMatch:Snapshot:AllowPlaintext=true saves the lists unencrypted");
        }

        try
        {
            return SnapshotFolder.Open(options.Folder, key, options.MaxBytes);
        }
        catch (SnapshotUnusableException e)
        {
            key?.Dispose();
            throw new ConfigurationException($"HashMatch:Snapshot:Folder: {e.Message}", e);
        }
    }

    private static SnapshotKey ReadKey(string path)
    {
        const string Setting = "HashMatch:Snapshot:KeyFile";
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new ConfigurationException($"{Setting} can be read or written by others: chmod 600 it");
            }

            if (new FileInfo(path).Length > MaxKeyFileBytes
                || SnapshotKey.Read(File.ReadAllBytes(path)) is not { } key)
            {
                throw new ConfigurationException(
                    $"{Setting} holds no key: 32 bytes, or 64 hex digits, or base64 of 32 bytes are expected "
                    + "(openssl rand -hex 32)");
            }

            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Setting} cannot be read", e);
        }
    }
}
