using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace HashMatch.Matching.Lists;

/// <summary>One record of a list file to an entry, or to what is wrong with it.</summary>
internal sealed class LineParser(HashType textType)
{
    private readonly HashType _textType = textType;
    private readonly CsvFields _fields = new();

    // Labels repeat from line to line; one string serves them all.
    private string _classification = "";
    private string _severity = "";

    /// <summary>Set once a CSV file's header was read.</summary>
    public CsvColumns? Columns { get; private set; }

    /// <summary>Whether a record is nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> record) => Trim(record).IsEmpty;

    /// <summary>What is wrong with a record's bytes whatever they say; null when nothing is.</summary>
    public static string? BytesProblem(ReadOnlySpan<byte> record)
    {
        if (!Utf8.IsValid(record))
        {
            return "the line is not valid UTF-8";
        }

        return record.Contains((byte)0) ? "the line holds a NUL character" : null;
    }

    /// <summary>Reads a CSV header; what is wrong with it, or null.</summary>
    public string? ReadHeader(ReadOnlySpan<byte> record)
    {
        string? problem = _fields.Split(record) ?? CsvColumns.Read(_fields.ToStrings(), out CsvColumns? columns) switch
        {
            null => Accept(columns),
            string bad => bad,
        };
        return problem;
    }

    /// <summary>Reads a CSV record.</summary>
    /// <param name="record">Valid UTF-8.</param>
    /// <param name="entry">Null when something is wrong.</param>
    /// <param name="badQuotes">Its quotes cannot be trusted: it may have swallowed lines.</param>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public string? ReadCsv(ReadOnlySpan<byte> record, out HashEntry? entry, out bool badQuotes)
    {
        entry = null;
        CsvColumns columns = Columns ?? throw new InvalidOperationException("The header comes first.");
        string? problem = _fields.Split(record);
        badQuotes = problem is not null;
        if (problem is not null)
        {
            return problem;
        }

        if (_fields.Count != columns.Count)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the line has {_fields.Count} fields; the header names {columns.Count}");
        }

        return TypeProblem(_fields[columns.Type], out HashType type)
            ?? ReadValue(type, _fields[columns.Value], out HashValue value)
            ?? ReadTime(columns, out DateTimeOffset? expiresAt)
            ?? Guarded(Entry(columns, type, value, expiresAt), out entry);
    }

    /// <summary>Reads a line that is one hash; null and no entry for a comment.</summary>
    public string? ReadText(ReadOnlySpan<byte> record, out HashEntry? entry)
    {
        entry = null;
        ReadOnlySpan<byte> hex = Trim(record);
        if (hex[0] == (byte)'#')
        {
            return null;
        }

        HashType type = hex.Length switch
        {
            32 => HashType.Md5,
            40 => HashType.Sha1,
            64 => _textType,
            _ => default,
        };
        if (type == default)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the line has {hex.Length} characters; a hash has 32 (MD5), 40 (SHA-1) or 64 hex digits");
        }

        return ReadValue(type, hex, out HashValue value)
            ?? Guarded(new HashEntry { Type = type, Value = value }, out entry);
    }

    private string? Accept(CsvColumns? columns)
    {
        Columns = columns;
        return null;
    }

    private static string? Guarded(HashEntry entry, out HashEntry? good)
    {
        string? problem = EntryGuard.Problem(entry);
        good = problem is null ? entry : null;
        return problem;
    }

    private HashEntry Entry(CsvColumns columns, HashType type, HashValue value, DateTimeOffset? expiresAt) => new()
    {
        Type = type,
        Value = value,
        ExternalId = Text(columns.ExternalId, ""),
        Classification = _classification = Text(columns.Classification, _classification),
        Severity = _severity = Text(columns.Severity, _severity),
        ExpiresAt = expiresAt,
        Note = Text(columns.Note, ""),
    };

    private string Text(int column, string last)
    {
        if (column < 0 || _fields[column].IsEmpty)
        {
            return "";
        }

        Span<char> text = stackalloc char[HashEntry.MaxClassificationBytes];
        ReadOnlySpan<byte> field = _fields[column];
        return last.Length > 0 && field.Length <= text.Length
            && last.AsSpan().SequenceEqual(text[..Encoding.UTF8.GetChars(field, text)])
            ? last
            : Encoding.UTF8.GetString(field);
    }

    private static string? TypeProblem(ReadOnlySpan<byte> field, out HashType type)
    {
        field = Trim(field);
        Span<char> name = stackalloc char[16];
        if (field.Length <= name.Length && TypeNames.TryParse(name[..Encoding.UTF8.GetChars(field, name)], out type))
        {
            return null;
        }

        type = default;
        return field.IsEmpty
            ? $"type is empty: it must be {TypeNames.All}"
            : $"type is '{Encoding.UTF8.GetString(field[..Math.Min(field.Length, 32)])}': it must be {TypeNames.All}";
    }

    private static string? ReadValue(HashType type, ReadOnlySpan<byte> field, out HashValue value)
    {
        field = Trim(field);
        Span<byte> bytes = stackalloc byte[HashValue.ByteCount(type)];
        if (field.Length == 2 * bytes.Length
            && Convert.FromHexString(field, bytes, out _, out _) == System.Buffers.OperationStatus.Done)
        {
            value = HashValue.Read(bytes);
            return null;
        }

        return EntryText.ReadValue(type, Encoding.UTF8.GetString(field), out value);
    }

    private string? ReadTime(CsvColumns columns, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        ReadOnlySpan<byte> field = columns.ExpiresAt < 0 ? [] : Trim(_fields[columns.ExpiresAt]);
        if (field.IsEmpty)
        {
            return null;
        }

        string? problem = EntryText.ReadTime(Encoding.UTF8.GetString(field), out DateTimeOffset time);
        expiresAt = problem is null ? time : null;
        return problem;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field) => field.Trim(" \t\r"u8);
}
