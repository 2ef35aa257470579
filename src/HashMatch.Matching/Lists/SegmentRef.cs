using System.Text.Json.Serialization;

namespace HashMatch.Matching.Lists;

/// <summary>Names one immutable segment and what must be found there.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Rows">Rows it holds, tombstones included.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Checksum">XxHash128 of its bytes, in hex: against accidents.</param>
/// <param name="First">Its first key, as <see cref="EntryKey.ToString"/> writes it.</param>
/// <param name="Digest">SHA-256 of its bytes, in hex: against persons. Null of segments that are older than this.
/// </param>
public sealed record SegmentRef(
    string Id,
    int Rows,
    int Bytes,
    string Checksum,
    string First,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Digest = null);
