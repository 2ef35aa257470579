using System.Globalization;
using System.Text;
using HashMatch.Benchmarks.Searching;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Gate.Cases;

/// <summary>A list file of 1,000 lines, read.</summary>
internal sealed class ListFileCase : GateCase
{
    private const int Lines = 1000;

    private readonly byte[] _file = Draw();

    public override void Run()
    {
        int entries = CountAsync().GetAwaiter().GetResult();
        if (entries != Lines)
        {
            throw new InvalidOperationException($"{entries} of {Lines} lines were read.");
        }
    }

    private static byte[] Draw()
    {
        var random = new RandomBits(3, 0);
        StringBuilder file = new("type,value,external_id,classification,severity,expires_at,note\n");
        for (int i = 0; i < Lines; i++)
        {
            string hash = random.Balanced().ToHex(HashType.Pdq);
            file.Append(CultureInfo.InvariantCulture, $"pdq,{hash},case-{i:D6},A1,high,,\n");
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }

    private async Task<int> CountAsync()
    {
        int entries = 0;
        using var file = new MemoryStream(_file);
        await foreach (ListLine line in HashListReader.ReadAsync(file, ListFileFormat.Csv, HashType.Pdq, default))
        {
            entries += line.Entry is null ? 0 : 1;
        }

        return entries;
    }
}
