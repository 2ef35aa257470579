namespace HashMatch.Matching.Lists;

/// <summary>What an edit comes to, given which of its keys the version holds.</summary>
/// <param name="Wanted">Rows to write: all that is added, and removals of what is there.</param>
/// <param name="Entries">Entries of the result.</param>
/// <param name="Added">Keys that were not there.</param>
/// <param name="Replaced">Keys that were there.</param>
/// <param name="Removed">Keys that go.</param>
/// <param name="Missing">Keys to remove that are not there.</param>
internal sealed record EditPlan(
    bool[] Wanted, EntryCounts Entries, long Added, long Replaced, long Removed, long Missing)
{
    public static EditPlan Of(RowBuffer rows, bool[] present, EntryCounts entries)
    {
        bool[] wanted = new bool[rows.Count];
        long[] change = new long[(int)HashType.Sha256 + 1];
        long[] outcomes = new long[4];
        for (int i = 0; i < rows.Count; i++)
        {
            bool removes = rows[i].IsTombstone;
            wanted[i] = !removes || present[i];
            outcomes[(removes ? 2 : 0) + (present[i] ? 1 : 0)]++;
            change[(int)rows[i].Type] += removes ? (present[i] ? -1 : 0) : (present[i] ? 0 : 1);
        }

        EntryCounts result = new()
        {
            Pdq = entries.Pdq + change[(int)HashType.Pdq],
            Md5 = entries.Md5 + change[(int)HashType.Md5],
            Sha1 = entries.Sha1 + change[(int)HashType.Sha1],
            Sha256 = entries.Sha256 + change[(int)HashType.Sha256],
        };
        return new EditPlan(wanted, result, outcomes[0], outcomes[1], outcomes[3], outcomes[2]);
    }
}
