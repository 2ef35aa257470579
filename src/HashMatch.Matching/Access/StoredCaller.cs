namespace HashMatch.Matching.Access;

/// <summary>A caller of a store.</summary>
/// <param name="Name">Named as lists are.</param>
/// <param name="Definition">What is kept of it.</param>
/// <param name="Revision">Rises with every change.</param>
public sealed record StoredCaller(string Name, CallerDefinition Definition, long Revision);
