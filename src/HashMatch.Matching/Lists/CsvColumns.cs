namespace HashMatch.Matching.Lists;

/// <summary>Which column of a CSV file holds what.</summary>
internal sealed record CsvColumns
{
    /// <summary>The names that a header may hold.</summary>
    public const string Known = "type,value,external_id,classification,severity,expires_at,note,op";

    private static readonly string[] Names = Known.Split(',');

    // The place of each known name in the header; -1 when it is not there.
    private readonly int[] _places;

    private CsvColumns(int[] places, int count)
    {
        _places = places;
        Count = count;
    }

    /// <summary>Fields that every line has.</summary>
    public int Count { get; }

    public int Type => _places[0];

    public int Value => _places[1];

    public int ExternalId => _places[2];

    public int Classification => _places[3];

    public int Severity => _places[4];

    public int ExpiresAt => _places[5];

    public int Note => _places[6];

    public int Op => _places[7];

    /// <summary>Reads a header.</summary>
    /// <param name="header">Names in any order and either case.</param>
    /// <param name="columns">Null when something is wrong.</param>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public static string? Read(IReadOnlyList<string> header, out CsvColumns? columns)
    {
        columns = null;
        int[] places = new int[Names.Length];
        Array.Fill(places, -1);
        for (int i = 0; i < header.Count; i++)
        {
            string name = header[i].Trim();
            int known = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (known < 0)
            {
                return $"the header has an unknown column '{Cut(name)}'; known ones are {Known}";
            }

            if (places[known] >= 0)
            {
                return $"the header has the column '{Names[known]}' twice";
            }

            places[known] = i;
        }

        if (places[0] < 0 || places[1] < 0)
        {
            return $"the header has no column '{Names[places[0] < 0 ? 0 : 1]}'; known ones are {Known}";
        }

        columns = new CsvColumns(places, header.Count);
        return null;
    }

    private static string Cut(string name) => name.Length <= 40 ? name : $"{name[..40]}...";
}
