using System.Security.Cryptography;
using HashMatch.Pdq;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>List files of random hashes.</summary>
internal static class ListFiles
{
    public const string Header = "type,value,external_id,classification,severity,expires_at,note";

    /// <summary>Random hashes; the same for the same seed.</summary>
    public static PdqHash[] Hashes(int seed, int count)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[PdqHash.ByteCount];
        var hashes = new PdqHash[count];
        for (int i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            hashes[i] = PdqHash.Read(bytes);
        }

        return hashes;
    }

    /// <summary>A CSV of random hashes.</summary>
    public static IEnumerable<string> Csv(int seed, int count) =>
        Hashes(seed, count).Select((hash, i) => $"pdq,{hash},case-{i},A1,high,,").Prepend(Header);

    /// <summary>A digest in hex.</summary>
    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
