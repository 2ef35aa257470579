using System.Text;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>Notes that are put together from what a source says beside its hashes.</summary>
internal static class Notes
{
    private const string More = ", ...";

    /// <summary>Items behind a word, as many as a note holds; empty without items.</summary>
    public static string List(string word, IEnumerable<string> items, int maxBytes = HashEntry.MaxNoteBytes)
    {
        StringBuilder note = new();
        int bytes = Encoding.UTF8.GetByteCount(word) + 2;
        foreach (string item in items)
        {
            string clean = Clean(item);
            bytes += Encoding.UTF8.GetByteCount(clean) + 2;
            if (bytes + More.Length > maxBytes)
            {
                return note.Length == 0 ? "" : note.Append(More).ToString();
            }

            note.Append(note.Length == 0 ? $"{word}: " : ", ").Append(clean);
        }

        return note.ToString();
    }

    /// <summary>Parts, each of which may be empty.</summary>
    public static string Join(params ReadOnlySpan<string> parts)
    {
        List<string> said = [];
        foreach (string part in parts)
        {
            if (part.Length > 0)
            {
                said.Add(part);
            }
        }

        return string.Join("; ", said);
    }

    // A note must not fail a record whose hash is good.
    private static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return clean.ToString();
    }
}
