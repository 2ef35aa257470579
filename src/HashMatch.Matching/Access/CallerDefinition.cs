namespace HashMatch.Matching.Access;

/// <summary>What is kept of a caller.</summary>
public sealed record CallerDefinition
{
    /// <summary>What this version writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Largest rate, in uploads a second.</summary>
    public const int MaxRate = 1_000_000;

    /// <summary>Keys of one caller at a time.</summary>
    public const int MaxKeys = 8;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Words of <see cref="RoleWords"/>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Whether it sees what a matcher is not told otherwise.</summary>
    public bool Details { get; init; }

    /// <summary>From then on it is refused, whatever its keys say; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it is refused.</summary>
    public bool Disabled { get; init; }

    /// <summary>Uploads a second; null for the server's setting, 0 for any number.</summary>
    public int? Rate { get; init; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<StoredKey> Keys { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it sees details, be it by its roles.</summary>
    public bool SeesDetails() => Details || (RoleWords.Read(Roles) & CallerRoles.SeeDetails) != 0;

    /// <summary>What is wrong, for a person; null when nothing is.</summary>
    public string? Problem() => this switch
    {
        { Roles.Count: 0 } => $"a caller needs a role: {string.Join(", ", RoleWords.All)}",
        _ when Roles.FirstOrDefault(word => RoleWords.Read(word) == CallerRoles.None) is { } unknown =>
            $"'{unknown}' is not a role; there are {string.Join(", ", RoleWords.All)}",
        { Rate: < 0 or > MaxRate } => $"a rate must be 0 to {MaxRate} uploads a second",
        { Keys.Count: > MaxKeys } => $"a caller has at most {MaxKeys} keys at a time",
        _ => null,
    };
}
