using System.IO.Hashing;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>
/// Records that a file of changes states anew: entries of the changed version with such an external id go.
/// </summary>
internal sealed class RestatedRecords
{
    /// <summary>Records of one file of changes; they are held in memory.</summary>
    public const int MaxRecords = 1024 * 1024;

    private readonly HashSet<UInt128> _records = [];

    /// <summary>Whether no record is stated anew.</summary>
    public bool IsEmpty => _records.Count == 0;

    /// <summary>Takes a record.</summary>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public string? TryAdd(string record)
    {
        if (_records.Count >= MaxRecords)
        {
            return $"the changes speak of over {MaxRecords} records: load all entries as a version of their own";
        }

        _records.Add(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(record)));
        return null;
    }

    public bool Contains(ReadOnlySpan<byte> externalId) =>
        _records.Count > 0 && !externalId.IsEmpty && _records.Contains(XxHash128.HashToUInt128(externalId));
}
