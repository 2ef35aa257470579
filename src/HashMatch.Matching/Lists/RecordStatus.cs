namespace HashMatch.Matching.Lists;

/// <summary>What <see cref="RecordReader.TryRead"/> came to.</summary>
internal enum RecordStatus
{
    Record,

    /// <summary>The record is not wholly in memory.</summary>
    NeedsMore,

    /// <summary>The record is longer than any good one; it is passed over.</summary>
    TooLong,
    End,
}
