using System.Globalization;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>
/// What one record of a source says, as lines. A record is good or bad as a whole: what is wrong with one of its hashes
/// keeps the others out too.
/// </summary>
internal sealed class RecordLines
{
    private readonly List<ListLine> _lines = [];
    private readonly List<(HashType Type, string Value, bool Removes)> _values = [];
    private readonly List<string> _leftOut = [];
    private long _line;
    private string? _problem;

    /// <summary>Records begun so far.</summary>
    public long Count { get; private set; }

    /// <summary>The lines of the record, once it has ended.</summary>
    public IReadOnlyList<ListLine> Lines => _lines;

    public string ExternalId { get; set; } = "";

    public string Classification { get; set; } = "";

    public string Severity { get; set; } = "";

    public string Note { get; set; } = "";

    /// <summary>The source's record, for sources whose deletions name records and not hashes.</summary>
    public string? Record { get; set; }

    /// <summary>Begins a record.</summary>
    /// <param name="line">The physical line where it stands.</param>
    public void Begin(long line)
    {
        Count++;
        Reset(line);
    }

    /// <summary>Forgets the last record; what is said next is of the file.</summary>
    public void Reset(long line = 1)
    {
        _line = line;
        _problem = null;
        _lines.Clear();
        _values.Clear();
        _leftOut.Clear();
        (ExternalId, Classification, Severity, Note, Record) = ("", "", "", "", null);
    }

    /// <summary>A hash or digest of the record, in hex.</summary>
    public void Add(HashType type, string value) => _values.Add((type, value, false));

    /// <summary>A hash or digest that the record withdraws.</summary>
    public void Remove(HashType type, string value) => _values.Add((type, value, true));

    /// <summary>A value of a type that cannot be matched.</summary>
    public void LeaveOut(string type) => _leftOut.Add(type);

    /// <summary>Takes all hashes back: the source deleted the record, whatever it held.</summary>
    public void Forget()
    {
        _values.Clear();
        _leftOut.Clear();
    }

    /// <summary>Says what is wrong; the first word counts.</summary>
    public void Fail(string problem) => _problem ??= problem;

    /// <summary>Ends the record.</summary>
    public void End()
    {
        if (Record is not null)
        {
            _lines.Add(new ListLine(_line, null, null) { Record = Record });
        }

        foreach ((HashType type, string value, bool removes) in _values)
        {
            Take(type, value, removes);
        }

        foreach (string type in _leftOut)
        {
            _lines.Add(new ListLine(_line, null, null) { LeftOut = new LeftOutCount(type, 1) });
        }

        if (_lines.Count == 0)
        {
            Fail("it has no hash");
        }

        if (_problem is not null)
        {
            _lines.Clear();
            string problem = Count == 0
                ? _problem
                : string.Create(CultureInfo.InvariantCulture, $"record {Count}: {_problem}");
            _lines.Add(new ListLine(_line, null, problem));
        }
    }

    private void Take(HashType type, string text, bool removes)
    {
        if (EntryText.ReadValue(type, text.AsSpan().Trim(), out HashValue value) is { } problem)
        {
            Fail($"{TypeNames.Of(type)} {problem}");
            return;
        }

        if (removes)
        {
            _lines.Add(new ListLine(_line, null, null) { Removed = new EntryKey(type, value) });
            return;
        }

        HashEntry entry = new()
        {
            Type = type,
            Value = value,
            ExternalId = ExternalId,
            Classification = Classification,
            Severity = Severity,
            Note = Note,
        };
        if (EntryGuard.Problem(entry) is { } refused)
        {
            Fail($"{TypeNames.Of(type)}: {refused}");
        }

        _lines.Add(new ListLine(_line, entry, null) { Record = Record });
    }
}
