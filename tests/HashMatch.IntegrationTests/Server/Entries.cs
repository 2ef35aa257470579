using System.Security.Cryptography;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Server;

/// <summary>Entries for lists of tests.</summary>
internal static class Entries
{
    public static V1.Entry Pdq(string hash, string externalId) => new()
    {
        Type = V1.HashType.Pdq,
        Value = hash,
        ExternalId = externalId,
        Classification = "synthetic",
        Severity = "none",
    };

    public static V1.Entry Digest(V1.HashType type, byte[] file, string externalId) => new()
    {
        Type = type,
#pragma warning disable CA5350, CA5351 // What lists exchange.
        Value = Convert.ToHexStringLower(type switch
        {
            V1.HashType.Md5 => MD5.HashData(file),
            V1.HashType.Sha1 => SHA1.HashData(file),
            _ => SHA256.HashData(file),
        }),
#pragma warning restore CA5350, CA5351
        ExternalId = externalId,
    };

    /// <summary>A hash that no picture here is near: half its bits set, at random.</summary>
    public static string RandomPdq(int seed)
    {
        int[] bits = [.. Enumerable.Range(0, 256)];
        new Random(seed).Shuffle(bits);
        byte[] hash = new byte[32];
        foreach (int bit in bits.Take(128))
        {
            hash[bit / 8] |= (byte)(1 << (bit % 8));
        }

        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The same hash with its first bits turned.</summary>
    public static string Turn(string hash, int bits)
    {
        byte[] bytes = Convert.FromHexString(hash);
        for (int bit = 0; bit < bits; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        return Convert.ToHexStringLower(bytes);
    }
}
