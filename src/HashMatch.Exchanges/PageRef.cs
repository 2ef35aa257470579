namespace HashMatch.Exchanges;

/// <summary>A page that was fetched and is kept.</summary>
/// <param name="Blobs">Its gzip-compressed bytes, in pieces.</param>
/// <param name="Bytes">Before compression.</param>
/// <param name="Records">Lines that it came to: entries, removals and records.</param>
/// <param name="Digest">Of what it says, so that a repetition is known.</param>
public sealed record PageRef(IReadOnlyList<string> Blobs, long Bytes, long Records, string Digest);
