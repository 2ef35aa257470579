namespace HashMatch.Matching.Snapshots;

/// <summary>What reading a snapshot to its end came to.</summary>
/// <param name="Fault">None when it is whole and taken.</param>
/// <param name="Message">For a person; empty when it is taken.</param>
/// <param name="Lists">Those in it; empty when it is not taken.</param>
/// <param name="Signer">The id of the key that signed it; null when it is unsigned.</param>
/// <param name="Digest">SHA-512 of its content, in hex: the same file has the same.</param>
public sealed record SnapshotCheck(
    SnapshotFault Fault, string Message, IReadOnlyList<SnapshotList> Lists, string? Signer, string Digest)
{
    internal static SnapshotCheck Refused(SnapshotFault fault, string message) => new(fault, message, [], null, "");
}
