using System.Security.Cryptography;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>
/// All entries of one record of a source as one row, so that records are sorted and folded as entries are. Its key is
/// the SHA-256 of the record's name, and its note names the entries' keys before their own note.
/// </summary>
internal sealed class RecordRow : IRowSink
{
    private const char KeyEnd = ' ';
    private const char KeysEnd = '\n';

    // "sha256:", 64 digits and what ends them.
    private const int MaxKeyBytes = 7 + (2 * HashValue.MaxByteCount) + 1;

    private readonly RowSort _entries;
    private readonly Queue<HashEntry> _waiting = [];

    /// <param name="entries">Takes the entries of the rows that this sink is given.</param>
    public RecordRow(RowSort entries) => _entries = entries;

    /// <summary>Records whose last word was their deletion.</summary>
    public long Removed { get; private set; }

    /// <summary>What a record is sorted by.</summary>
    public static EntryKey KeyOf(string record) =>
        new(HashType.Sha256, HashValue.Read(SHA256.HashData(Encoding.UTF8.GetBytes(record))));

    /// <summary>Why an entry cannot be one more of a record, for a person; null when it can.</summary>
    public static string? MisfitOf(IReadOnlyList<HashEntry> entries, HashEntry entry)
    {
        HashEntry first = entries.Count == 0 ? entry : entries[0];
        if (entry.ExternalId != first.ExternalId || entry.Classification != first.Classification
            || entry.Severity != first.Severity || entry.Note != first.Note || entry.ExpiresAt != first.ExpiresAt)
        {
            return "the entries of one record have other labels";
        }

        int bytes = ((entries.Count + 1) * MaxKeyBytes) + 1 + Encoding.UTF8.GetByteCount(entry.Note);
        return bytes > HashEntry.MaxNoteBytes
            ? $"the record has too many hashes, or too long a note: {HashEntry.MaxNoteBytes} bytes hold both"
            : null;
    }

    /// <summary>Packs a record.</summary>
    /// <param name="record">Its name.</param>
    /// <param name="entries">At least one; none is a misfit.</param>
    public static HashEntry Pack(string record, IReadOnlyList<HashEntry> entries)
    {
        StringBuilder note = new();
        foreach (HashEntry entry in entries)
        {
            note.Append(new EntryKey(entry.Type, entry.Value)).Append(KeyEnd);
        }

        EntryKey key = KeyOf(record);
        return entries[0] with
        {
            Type = key.Type,
            Value = key.Value,
            Note = note.Append(KeysEnd).Append(entries[0].Note).ToString(),
        };
    }

    public bool TryAdd(PackedRow row)
    {
        if (!Pass())
        {
            return false;
        }

        if (row.IsTombstone)
        {
            Removed++;
            return true;
        }

        // What does not fit goes before the next row.
        Unpack(row);
        return true;
    }

    public Task CutAsync(CancellationToken cancellation) => _entries.SpillAsync(cancellation);

    /// <summary>Gives away what is left.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        while (!Pass())
        {
            await CutAsync(cancellation).ConfigureAwait(false);
        }
    }

    private bool Pass()
    {
        while (_waiting.TryPeek(out HashEntry? entry))
        {
            if (!_entries.TryAdd(entry))
            {
                return false;
            }

            _waiting.Dequeue();
        }

        return true;
    }

    private void Unpack(PackedRow row)
    {
        string text = Encoding.UTF8.GetString(row.Note);
        int keysEnd = text.IndexOf(KeysEnd, StringComparison.Ordinal);
        HashEntry template = new()
        {
            Type = row.Type,
            Value = row.Value,
            Classification = Encoding.UTF8.GetString(row.Labels[..row.ClassificationLength]),
            Severity = Encoding.UTF8.GetString(row.Labels[row.ClassificationLength..]),
            ExternalId = Encoding.UTF8.GetString(row.ExternalId),
            ExpiresAt = row.ExpiresAt == PackedRow.NeverExpires
                ? null
                : DateTimeOffset.FromUnixTimeSeconds(row.ExpiresAt),
            Note = text[(keysEnd + 1)..],
        };
        ReadOnlySpan<char> keys = text.AsSpan(0, keysEnd);
        foreach (Range range in keys.Split(KeyEnd))
        {
            if (EntryKey.TryParse(keys[range], out EntryKey key))
            {
                _waiting.Enqueue(template with { Type = key.Type, Value = key.Value });
            }
        }
    }
}
