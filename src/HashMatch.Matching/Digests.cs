namespace HashMatch.Matching;

/// <summary>Digests of an upload's bytes: 16, 20 and 32 bytes; one that is empty was not computed.</summary>
public sealed record Digests(ReadOnlyMemory<byte> Md5, ReadOnlyMemory<byte> Sha1, ReadOnlyMemory<byte> Sha256)
{
    public static Digests None { get; } = new(default, default, default);
}
