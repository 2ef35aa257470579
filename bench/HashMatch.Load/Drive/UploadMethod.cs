namespace HashMatch.Load.Drive;

/// <summary>How pictures are sent to a HashMatch.</summary>
internal enum UploadMethod
{
    /// <summary>Match: one message.</summary>
    Unary,

    /// <summary>MatchUpload: chunks.</summary>
    Upload,

    /// <summary>MatchStream: many over one call.</summary>
    Stream,
}
