namespace HashMatch.Cli;

/// <summary>What was probably meant by a name that does not exist.</summary>
internal static class NearNames
{
    private const int MostListed = 20;

    /// <summary>One sentence that helps to the right name.</summary>
    public static string Hint(string name, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return "There is no list yet: `hashmatch lists load NAME FILE` makes one.";
        }

        string? near = names.MinBy(each => Edits(name, each));
        string meant = near is not null && Edits(name, near) <= Math.Max(2, name.Length / 3)
            ? $"Did you mean '{near}'? "
            : "";
        string more = names.Count > MostListed ? $" and {names.Count - MostListed} more" : "";
        return $"{meant}Lists: {string.Join(", ", names.Take(MostListed))}{more}.";
    }

    /// <summary>Fewest insertions, deletions and replacements from one to the other.</summary>
    private static int Edits(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] current = new int[to.Length + 1];
            current[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, replaced);
            }

            previous = current;
        }

        return previous[to.Length];
    }
}
