namespace HashMatch.Matching;

/// <summary>What an entry of a list stands for. The names are stored; never rename them.</summary>
public enum ListKind : byte
{
    /// <summary>Known abuse material: what is near to an entry is a match.</summary>
    Match = 0,

    /// <summary>Known to be harmless: what is near to an entry has matches of other lists suppressed.</summary>
    Negative = 1,

    /// <summary>Harmless samples that guard other lists as they are loaded; uploads never meet them.</summary>
    Canary = 2,
}
