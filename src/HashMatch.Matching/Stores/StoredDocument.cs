namespace HashMatch.Matching.Stores;

/// <summary>A small document that is no list: one of a group of them, replaced by compare-and-set.</summary>
/// <param name="Group">What its kind is called.</param>
/// <param name="Key">Its name within the group.</param>
/// <param name="Revision">What compare-and-set compares; 1 or more.</param>
/// <param name="Content">Opaque to the store.</param>
public sealed record StoredDocument(string Group, string Key, long Revision, ReadOnlyMemory<byte> Content);
