namespace HashMatch.Matching.Stores;

/// <summary>A match event as a store holds it.</summary>
/// <param name="Cursor">Its place; sorts in the store's own way.</param>
/// <param name="Document">Opaque to the store.</param>
public sealed record StoredEvent(string Cursor, ReadOnlyMemory<byte> Document);
