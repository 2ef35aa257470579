namespace HashMatch.Matching.Lists;

/// <summary>The names of types in list files.</summary>
public static class TypeNames
{
    /// <summary>All of them, for a person.</summary>
    public const string All = "pdq, md5, sha1 or sha256";

    /// <summary>pdq, md5, sha1 or sha256.</summary>
    public static string Of(HashType type) => type switch
    {
        HashType.Pdq => "pdq",
        HashType.Md5 => "md5",
        HashType.Sha1 => "sha1",
        HashType.Sha256 => "sha256",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Reads a name in either case; `sha-1` and `sha-256` are taken too.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out HashType type)
    {
        type = name switch
        {
            _ when name.Equals("pdq", StringComparison.OrdinalIgnoreCase) => HashType.Pdq,
            _ when name.Equals("md5", StringComparison.OrdinalIgnoreCase) => HashType.Md5,
            _ when name.Equals("sha1", StringComparison.OrdinalIgnoreCase) => HashType.Sha1,
            _ when name.Equals("sha-1", StringComparison.OrdinalIgnoreCase) => HashType.Sha1,
            _ when name.Equals("sha256", StringComparison.OrdinalIgnoreCase) => HashType.Sha256,
            _ when name.Equals("sha-256", StringComparison.OrdinalIgnoreCase) => HashType.Sha256,
            _ => default,
        };
        return type != default;
    }
}
