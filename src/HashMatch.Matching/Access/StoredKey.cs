namespace HashMatch.Matching.Access;

/// <summary>What is kept of a key.</summary>
/// <param name="Id">As of <see cref="ApiKey.Id"/>.</param>
/// <param name="Hash">As of <see cref="ApiKey.Hash"/>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From then on it is refused; null for as long as its caller is there.</param>
public sealed record StoredKey(string Id, string Hash, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
