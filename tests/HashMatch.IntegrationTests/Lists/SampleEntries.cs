using System.Globalization;
using System.Text;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.IntegrationTests.Lists;

/// <summary>Random entries of every type, with labels and notes in many scripts.</summary>
internal static class SampleEntries
{
    private static readonly string[] Words =
        ["note", "déjà", "żółć", "ελληνικά", "кириллица", "עברית", "العربية", "हिन्दी", "ไทย", "汉字", "かな", "한국어", "🦉"];

    private static readonly HashType[] Types = [HashType.Pdq, HashType.Md5, HashType.Sha1, HashType.Sha256];

    /// <summary>As many entries as asked for, no two of one key; the same ones for the same seed.</summary>
    /// <param name="seed">Printed by whoever chose it.</param>
    /// <param name="count">Entries.</param>
    /// <param name="noteLength">Characters that a note has at least.</param>
    public static HashEntry[] Make(int seed, int count, int noteLength = 0)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Make(random, i, noteLength))];
    }

    /// <summary>The entries as lines that were read without a fault.</summary>
    public static async IAsyncEnumerable<ListLine> LinesAsync(IEnumerable<HashEntry> entries)
    {
        long line = 0;
        foreach (HashEntry entry in entries)
            yield return new ListLine(++line, entry, null);
        await Task.CompletedTask;
    }

    /// <summary>The entries as a list file.</summary>
    public static string Csv(IEnumerable<HashEntry> entries)
    {
        var text = new StringBuilder("type,value,external_id,classification,severity,expires_at,note\n");
        foreach (HashEntry entry in entries)
        {
            string type = entry.Type.ToString().ToLowerInvariant();
            text.Append(CultureInfo.InvariantCulture,
                $"{type},{entry.Value.ToHex(entry.Type)},{entry.ExternalId},{entry.Classification},")
                .Append(CultureInfo.InvariantCulture, $"{entry.Severity},{entry.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ},")
                .Append(entry.Note).Append('\n');
        }
        return text.ToString();
    }

    private static HashEntry Make(Random random, int number, int noteLength)
    {
        HashType type = Types[random.Next(Types.Length)];
        string note = Words[random.Next(Words.Length)];
        return new HashEntry
        {
            Type = type,
            Value = Value(random, type),
            ExternalId = $"id-{number}",
            Classification = random.Next(3) == 0 ? "" : $"class {random.Next(5)}",
            Severity = random.Next(2) == 0 ? "" : "high",
            ExpiresAt = random.Next(4) == 0
                ? DateTimeOffset.UnixEpoch.AddSeconds(4_000_000_000 + random.Next(1_000_000))
                : null,
            Note = noteLength == 0 ? note : note + new string((char)('a' + (number % 26)), noteLength),
        };
    }

    // Half the bits of a picture's hash are set; lists refuse hashes that are far from it.
    private static HashValue Value(Random random, HashType type)
    {
        byte[] bytes = new byte[HashValue.ByteCount(type)];
        if (type != HashType.Pdq)
        {
            random.NextBytes(bytes);
            return HashValue.Read(bytes);
        }
        int[] bits = [.. Enumerable.Range(0, 256)];
        random.Shuffle(bits);
        foreach (int bit in bits.AsSpan(0, 128))
            bytes[bit / 8] |= (byte)(1 << (bit % 8));
        return HashValue.Read(bytes);
    }
}
