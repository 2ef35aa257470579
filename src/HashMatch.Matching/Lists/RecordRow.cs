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

    private readonly RowSort _entries;
    private readonly Queue<HashEntry> _waiting = [];

    /// <param name="entries">Takes the entries of the rows that this sink is given.</param>
    public RecordRow(RowSort entries) => _entries = entries;

    /// <summary>Records whose last word was their deletion.</summary>
    public long Removed { get; private set; }

    /// <summary>What a record is sorted by.</summary>
    public static EntryKey KeyOf(string record) =>
        new(HashType.Sha256, HashValue.Read(SHA256.HashData(Encoding.UTF8.GetBytes(record))));

    /// <summary>Packs a record.</summary>
    /// <param name="record">Its name.</param>
    /// <param name="entries">At least one.</param>
    /// <param name="row">Null when they do not fit.</param>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public static string? TryPack(string record, IReadOnlyList<HashEntry> entries, out HashEntry? row)
    {
        row = null;
        HashEntry first = entries[0];
        StringBuilder note = new();
        foreach (HashEntry entry in entries)
        {
            if (entry with { Type = first.Type, Value = first.Value } != first)
            {
                return "the entries of one record have other labels";
            }

            note.Append(new EntryKey(entry.Type, entry.Value)).Append(KeyEnd);
        }

        note.Append(KeysEnd).Append(first.Note);
        EntryKey key = KeyOf(record);
        HashEntry packed = first with { Type = key.Type, Value = key.Value, Note = note.ToString() };
        if (Encoding.UTF8.GetByteCount(packed.Note) > HashEntry.MaxNoteBytes)
        {
            return $"the record has too many hashes, or too long a note: {HashEntry.MaxNoteBytes} bytes hold both";
        }

        row = packed;
        return null;
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
