namespace HashMatch.Matching.Lists;

/// <summary>The shape of a list file.</summary>
public enum ListFileFormat
{
    /// <summary>CSV when the first line is a header with `type` and `value`, text otherwise.</summary>
    Auto,

    /// <summary>CSV with a header: type,value,external_id,classification,severity,expires_at,note.</summary>
    Csv,

    /// <summary>One hash a line.</summary>
    Text,
}
