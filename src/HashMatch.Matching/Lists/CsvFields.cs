using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>The fields of one CSV record, as RFC 4180 quotes them.</summary>
internal sealed class CsvFields(byte separator = (byte)',')
{
    private const byte Quote = (byte)'"';

    private readonly byte _separator = separator;
    private readonly List<(int Start, int Length)> _fields = [];
    private byte[] _unquoted = new byte[1024];
    private int _used;

    public int Count => _fields.Count;

    /// <summary>One field, without its quotes.</summary>
    public ReadOnlySpan<byte> this[int index] => _unquoted.AsSpan(_fields[index].Start, _fields[index].Length);

    /// <summary>All fields as text.</summary>
    public IReadOnlyList<string> ToStrings() =>
        [.. Enumerable.Range(0, Count).Select(i => Encoding.UTF8.GetString(this[i]))];

    /// <summary>Splits a record.</summary>
    /// <returns>What is wrong with its quotes, for a person; null when nothing is.</returns>
    public string? Split(ReadOnlySpan<byte> record)
    {
        _fields.Clear();
        _used = 0;
        if (_unquoted.Length < record.Length)
        {
            _unquoted = new byte[record.Length];
        }

        int at = 0;
        while (true)
        {
            string? problem = at < record.Length && record[at] == Quote
                ? TakeQuoted(record, ref at)
                : TakePlain(record, ref at);
            if (problem is not null || at == record.Length)
            {
                return problem;
            }

            at++;
        }
    }

    private string? TakePlain(ReadOnlySpan<byte> record, ref int at)
    {
        ReadOnlySpan<byte> rest = record[at..];
        int comma = rest.IndexOf(_separator);
        ReadOnlySpan<byte> field = comma < 0 ? rest : rest[..comma];
        if (field.Contains(Quote))
        {
            return "a quote stands within a field that does not begin with one";
        }

        Add(field);
        at += field.Length;
        return null;
    }

    private string? TakeQuoted(ReadOnlySpan<byte> record, ref int at)
    {
        int start = _used;
        at++;
        while (true)
        {
            ReadOnlySpan<byte> rest = record[at..];
            int quote = rest.IndexOf(Quote);
            if (quote < 0)
            {
                return "a quote is opened and never closed";
            }

            bool doubled = quote + 1 < rest.Length && rest[quote + 1] == Quote;
            Append(rest[..(doubled ? quote + 1 : quote)]);
            at += quote + (doubled ? 2 : 1);
            if (!doubled)
            {
                break;
            }
        }

        _fields.Add((start, _used - start));
        return at == record.Length || record[at] == _separator ? null : "text stands behind a closing quote";
    }

    private void Add(ReadOnlySpan<byte> field)
    {
        _fields.Add((_used, field.Length));
        Append(field);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_unquoted.AsSpan(_used));
        _used += bytes.Length;
    }
}
