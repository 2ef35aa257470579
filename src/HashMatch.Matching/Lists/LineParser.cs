using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace HashMatch.Matching.Lists;

/// <summary>One record of a list file to an entry, or to what is wrong with it.</summary>
internal sealed class LineParser(HashType textType)
{
    private static readonly string[] Unmatchable =
    [
        "photodna", "pdna", "tmk", "tmk_pdqf", "vpdq", "pdq_ocr", "tlsh", "tlsh_pdf", "raw_text", "trend_query", "url",
    ];

    private readonly HashType _textType = textType;
    private readonly CsvFields _fields = new();

    // Labels repeat from line to line; one string serves them all.
    private string _classification = "";
    private string _severity = "";

    /// <summary>Whether values that show nothing pass.</summary>
    public bool Force { get; init; }

    /// <summary>Set once a CSV file's header was read.</summary>
    public CsvColumns? Columns { get; private set; }

    /// <summary>Whether a record is nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> record) => Trim(record).IsEmpty;

    /// <summary>Whether a line begins with one of HMA's types and a blank, whatever else is in it.</summary>
    public static bool BeginsWithType(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> name = line[..Math.Max(end, 0)];
        foreach (string known in Unmatchable)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
            {
                return true;
            }
        }

        return TypeProblem(name.StartsWith("video_"u8) ? name["video_".Length..] : name, out _) is null;
    }

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
    /// <param name="line">What it says; left alone when something is wrong.</param>
    /// <param name="badQuotes">Its quotes cannot be trusted: it may have swallowed lines.</param>
    /// <returns>What is wrong, for a person; null when nothing is.</returns>
    public string? ReadCsv(ReadOnlySpan<byte> record, ref ListLine line, out bool badQuotes)
    {
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

        HashValue value = default;
        bool deletes = false;
        problem = TypeProblem(_fields[columns.Type], out HashType type)
            ?? ReadValue(type, _fields[columns.Value], out value)
            ?? ReadOperation(columns, out deletes);
        if (problem is null && deletes)
        {
            line = new ListLine(0, null, null) { Removed = new EntryKey(type, value) };
        }

        return problem is not null || deletes
            ? problem
            : ReadTime(columns, out DateTimeOffset? expiresAt)
                ?? Guarded(Entry(columns, type, value, expiresAt), ref line);
    }

    /// <summary>Reads a line that is one hash, or a type and a hash; a comment says nothing.</summary>
    public string? ReadText(ReadOnlySpan<byte> record, ref ListLine line)
    {
        ReadOnlySpan<byte> hex = Trim(record);
        if (hex[0] == (byte)'#')
        {
            return null;
        }

        int gap = hex.IndexOfAny(" \t"u8);
        if (gap >= 0)
        {
            return ReadTyped(hex[..gap], Trim(hex[gap..]), ref line);
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
            ?? Guarded(new HashEntry { Type = type, Value = value }, ref line);
    }

    // As HMA writes it: names of its own, and some of types that nothing here matches.
    private string? ReadTyped(ReadOnlySpan<byte> name, ReadOnlySpan<byte> hex, ref ListLine line)
    {
        foreach (string known in Unmatchable)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
            {
                line = new ListLine(0, null, null) { LeftOut = new LeftOutCount(known, 1) };
                return null;
            }
        }

        ReadOnlySpan<byte> digest = name.StartsWith("video_"u8) ? name["video_".Length..] : name;
        return TypeProblem(digest, out HashType type)
            ?? ReadValue(type, hex, out HashValue value)
            ?? Guarded(new HashEntry { Type = type, Value = value }, ref line);
    }

    private string? ReadOperation(CsvColumns columns, out bool deletes)
    {
        deletes = false;
        ReadOnlySpan<byte> field = columns.Op < 0 ? [] : Trim(_fields[columns.Op]);
        if (field.IsEmpty || Ascii.EqualsIgnoreCase(field, "upsert"u8))
        {
            return null;
        }

        deletes = Ascii.EqualsIgnoreCase(field, "delete"u8);
        return deletes
            ? null
            : $"op is '{Encoding.UTF8.GetString(field[..Math.Min(field.Length, 32)])}': it must be upsert or delete";
    }

    private string? Accept(CsvColumns? columns)
    {
        Columns = columns;
        return null;
    }

    private string? Guarded(HashEntry entry, ref ListLine line)
    {
        string? problem = Force ? EntryGuard.FormProblem(entry) : EntryGuard.Problem(entry);
        line = problem is null ? new ListLine(0, entry, null) : line;
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
