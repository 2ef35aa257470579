using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>One hash of an upload, with the orientation (of the upright picture) that it is of.</summary>
public readonly record struct OrientedHash(PdqHash Hash, Orientation Orientation);
