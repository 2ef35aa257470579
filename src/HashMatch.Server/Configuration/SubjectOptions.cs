namespace HashMatch.Server.Configuration;

/// <summary>The caller with one certificate subject.</summary>
public sealed record SubjectOptions
{
    /// <summary>The whole subject, such as `CN=upload-1, O=Example`.</summary>
    public string Subject { get; init; } = "";

    /// <summary>As of <see cref="CallerOptions.Roles"/>.</summary>
    public List<string> Roles { get; init; } = [];

    /// <summary>Whether it sees what a matcher is not told otherwise.</summary>
    public bool Details { get; init; }

    /// <summary>Uploads a second; null for `Access:Rate`, 0 for any number.</summary>
    public int? Rate { get; init; }
}
