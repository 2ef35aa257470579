namespace HashMatch.Matching.Formats;

/// <summary>What <see cref="JsonRecordReader.Read"/> came to.</summary>
internal enum JsonStep
{
    /// <summary>More of the file must be read.</summary>
    NeedsMore,

    /// <summary>A whole record is in memory.</summary>
    Record,

    /// <summary>A record was passed over, since it is larger than any good one.</summary>
    TooLarge,

    /// <summary>Something stands where a record should.</summary>
    NoRecord,

    /// <summary>What follows cannot be read.</summary>
    Broken,
    End,
}
