namespace HashMatch.Matching.Stores;

/// <summary>A list's document as a store holds it.</summary>
/// <param name="Name">The key.</param>
/// <param name="Revision">What compare-and-set compares; 1 or more.</param>
/// <param name="Document">JSON of a <see cref="Lists.HashList"/>; opaque to the store.</param>
public sealed record StoredList(string Name, long Revision, ReadOnlyMemory<byte> Document);
