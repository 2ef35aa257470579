namespace HashMatch.Matching.Stores;

/// <summary>An immutable blob of a list: a segment or a manifest.</summary>
/// <param name="Id">32 hex digits, random.</param>
/// <param name="WrittenAt">By the store's clock.</param>
public sealed record StoredBlob(string Id, DateTimeOffset WrittenAt);
