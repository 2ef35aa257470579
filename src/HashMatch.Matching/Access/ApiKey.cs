using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HashMatch.Matching.Access;

/// <summary>
/// A key that a caller shows: `hm_`, the key's id in 16 hex digits, `_`, and 256 random bits in 64 hex digits. Only the
/// id and a hash are kept.
/// </summary>
/// <remarks>
/// The hash is one SHA-256. Slow hashes make guessing of passwords dear, which people choose from few; of 2^256 random
/// keys nobody guesses one at any speed, and a server checks one with every call.
/// </remarks>
public sealed class ApiKey
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "hm_";

    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int TextLength = 3 + (IdBytes * 2) + 1 + (SecretBytes * 2);

    private readonly byte[] _secret;

    private ApiKey(string id, byte[] secret)
    {
        Id = id;
        _secret = secret;
        Hash = Convert.ToHexStringLower(SHA256.HashData(secret));
    }

    /// <summary>16 hex digits; no secret.</summary>
    public string Id { get; }

    /// <summary>SHA-256 of the secret, in 64 lower-case hex digits.</summary>
    public string Hash { get; }

    /// <summary>The whole key, for who is to show it.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Convert.ToHexStringLower(_secret)}";

    /// <summary>A new key.</summary>
    public static ApiKey Create() => new(
        RandomNumberGenerator.GetHexString(IdBytes * 2, lowercase: true),
        RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Reads a key.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text is not { Length: TextLength } || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text[Prefix.Length + (IdBytes * 2)] != '_')
        {
            return false;
        }

        string id = text.Substring(Prefix.Length, IdBytes * 2);
        byte[] secret = new byte[SecretBytes];
        if (!IsId(id) || Convert.FromHexString(text.AsSpan(text.Length - (SecretBytes * 2)), secret, out _, out _)
            != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        key = new ApiKey(id, secret);
        return true;
    }

    /// <summary>Whether a text can be the id of a key.</summary>
    public static bool IsId(string? text) => text is { Length: IdBytes * 2 } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a text can be the hash of a key.</summary>
    public static bool IsHash(string? text) =>
        text is { Length: SHA256.HashSizeInBytes * 2 } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => $"{Prefix}{Id}";
}
