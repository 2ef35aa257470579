namespace HashMatch.Matching;

/// <summary>A 64-bit mix, the same in every process and build: replicas must agree on what they sample.</summary>
internal static class StableHash
{
    /// <summary>What an upload is sampled by: its first hash, or a digest where it has none.</summary>
    public static ulong Of(MatchQuery query)
    {
        if (query.Hashes.Count > 0)
        {
            return Of(HashValue.From(query.Hashes[0].Hash));
        }

        Digests digests = query.Digests;
        ReadOnlySpan<byte> digest = digests.Sha256.Length > 0 ? digests.Sha256.Span
            : digests.Sha1.Length > 0 ? digests.Sha1.Span
            : digests.Md5.Span;
        return Of(HashValue.Read(digest));
    }

    /// <summary>Mixes an upload's hash with a list's identity, so that lists sample apart from each other.</summary>
    public static ulong Of(Guid list, ulong upload)
    {
        Span<byte> bytes = stackalloc byte[16];
        list.TryWriteBytes(bytes);
        HashValue value = HashValue.Read(bytes);
        return Mix(Mix(upload ^ value.A) ^ value.B);
    }

    private static ulong Of(in HashValue value) =>
        Mix(Mix(Mix(Mix(value.A) ^ value.B) ^ value.C) ^ value.D);

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
