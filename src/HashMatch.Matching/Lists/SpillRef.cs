namespace HashMatch.Matching.Lists;

/// <summary>A blob of packed rows that a stager put aside.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Checksum">XxHash128 of its bytes, in hex.</param>
internal readonly record struct SpillRef(string Id, int Bytes, string Checksum);
