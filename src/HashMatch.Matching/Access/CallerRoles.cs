namespace HashMatch.Matching.Access;

/// <summary>What a caller may ask of a server; what each role allows is the server's table.</summary>
[Flags]
public enum CallerRoles
{
    None = 0,

    /// <summary>Has uploads and hashes looked up.</summary>
    Matcher = 1,

    /// <summary>Changes lists and their policy.</summary>
    ListEditor = 2,

    /// <summary>Approves and activates what editors staged.</summary>
    ListApprover = 4,

    /// <summary>Reads lists, events and what was changed by whom; changes nothing.</summary>
    Auditor = 8,

    /// <summary>Reads metrics.</summary>
    Metrics = 16,

    /// <summary>Either of them sees what a matcher is not told.</summary>
    SeeDetails = ListEditor | Auditor,

    All = Matcher | ListEditor | ListApprover | Auditor | Metrics,
}
