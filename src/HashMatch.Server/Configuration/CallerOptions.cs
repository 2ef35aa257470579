namespace HashMatch.Server.Configuration;

/// <summary>A caller that the settings name. `hashmatch callers key` makes a key and what stands here.</summary>
public sealed record CallerOptions
{
    /// <summary>16 hex digits: the part of the key behind `hm_`. No secret.</summary>
    public string KeyId { get; init; } = "";

    /// <summary>SHA-256 of the key's secret, in 64 hex digits.</summary>
    public string KeyHash { get; init; } = "";

    /// <summary>`matcher`, `list-editor`, `list-approver`, `auditor`, `metrics`.</summary>
    public List<string> Roles { get; init; } = [];

    /// <summary>Whether it sees what a matcher is not told otherwise.</summary>
    public bool Details { get; init; }

    /// <summary>Uploads a second; null for `Access:Rate`, 0 for any number.</summary>
    public int? Rate { get; init; }

    /// <summary>From then on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
