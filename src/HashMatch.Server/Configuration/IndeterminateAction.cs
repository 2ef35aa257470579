namespace HashMatch.Server.Configuration;

/// <summary>What a caller is told to do with an upload that could not be evaluated.</summary>
public enum IndeterminateAction
{
    /// <summary>Keep it back and ask again.</summary>
    Hold,

    /// <summary>Let it pass.</summary>
    Allow,

    /// <summary>Have somebody look at it.</summary>
    Review,
}
