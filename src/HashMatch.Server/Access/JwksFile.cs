using HashMatch.Server.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace HashMatch.Server.Access;

/// <summary>The issuer's public keys of a file, read anew when it was written.</summary>
public sealed class JwksFile(string path, TimeProvider time, ILogger<JwksFile> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IList<SecurityKey> _keys = Read(path);
    private DateTime _writtenAt = File.GetLastWriteTimeUtc(path);
    private long _lookedAt = time.GetTimestamp();

    /// <summary>The keys; those of before while the file cannot be read.</summary>
    public IList<SecurityKey> Keys
    {
        get
        {
            lock (_lock)
            {
                if (time.GetElapsedTime(_lookedAt) >= Period)
                {
                    _lookedAt = time.GetTimestamp();
                    Look();
                }

                return _keys;
            }
        }
    }

    /// <summary>Holds a file to be a key set.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static void Check(string setting, string path)
    {
        try
        {
            if (Read(path).Count == 0)
            {
                throw new ConfigurationException($"{setting}: {path} holds no public key");
            }
        }
        catch (Exception e) when (IsBad(e))
        {
            throw new ConfigurationException($"{setting}: {path} cannot be read as a JSON Web Key Set", e);
        }
    }

    private static bool IsBad(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException
        or System.Text.Json.JsonException or NotSupportedException;

    private static IList<SecurityKey> Read(string path) => new JsonWebKeySet(File.ReadAllText(path)).GetSigningKeys();

    private void Look()
    {
        try
        {
            DateTime writtenAt = File.GetLastWriteTimeUtc(path);
            if (writtenAt == _writtenAt)
            {
                return;
            }

            IList<SecurityKey> keys = Read(path);
            if (keys.Count > 0)
            {
                (_keys, _writtenAt) = (keys, writtenAt);
            }
        }
        catch (Exception e) when (IsBad(e))
        {
            logger.LogWarning("The key set of HashMatch:Access:Jwt:JwksPath cannot be read; the last one is kept");
        }
    }
}
