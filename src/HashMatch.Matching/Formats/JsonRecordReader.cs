using System.Buffers;
using System.Text;
using System.Text.Json;

namespace HashMatch.Matching.Formats;

/// <summary>
/// Cuts a stream of JSON into records: objects of an array of records, or objects that stand alone. Holds one buffer of
/// a bounded size, however large the stream is: an object that turns out to hold an array of records is walked and not
/// kept, and of a text that is longer than any good one only a word is kept.
/// </summary>
internal sealed class JsonRecordReader(Stream stream, JsonShape shape)
{
    /// <summary>Bytes of the largest record.</summary>
    public const int MaxRecordBytes = 1024 * 1024;

    /// <summary>Bytes of the longest text that is kept when a record does not fit.</summary>
    public const int MaxTextBytes = 64 * 1024;

    /// <summary>Arrays and objects within each other.</summary>
    public const int MaxDepth = 32;

    private const int MaxBufferBytes = MaxRecordBytes + MaxTextBytes;
    private const int NoRecord = -1;

    private static readonly SearchValues<byte> BeforeValues = SearchValues.Create(" \t\r\n,:"u8);
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    private readonly Stream _stream = stream;
    private readonly byte[][] _recordArrays = [.. shape.RecordArrays.Select(Encoding.UTF8.GetBytes)];

    // Of the arrays that are open, which hold records; by depth.
    private readonly bool[] _holdsRecords = new bool[MaxDepth + 1];
    private readonly bool[] _isArray = new bool[MaxDepth + 1];
    private byte[] _buffer = new byte[64 * 1024];
    private JsonReaderState _state = new(Options);
    private int _next;
    private int _end;
    private bool _atEnd;
    private bool _betweenRoots = true;

    // Of the object that may be a record: where it begins (NoRecord when it is not kept), its line, its depth.
    private int _kept = NoRecord;
    private long _recordLine;
    private int _recordDepth = -1;
    private bool _tooLarge;
    private bool _namesRecords;

    // Within a text that is passed over.
    private bool _skipsText;
    private bool _escaped;
    private int _textEnd;

    // Line breaks before this place are counted.
    private int _counted;
    private long _line = 1;
    private long _rootLine = 1;

    /// <summary>The record's bytes; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>The physical line where the record begins, or where reading ended.</summary>
    public long Line { get; private set; }

    /// <summary>What is wrong when the file is broken.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Goes on to the next record within what was read.</summary>
    public JsonStep Read()
    {
        if (_skipsText && !SkipText())
        {
            return _atEnd ? Break("the file ends within a text") : JsonStep.NeedsMore;
        }

        while (true)
        {
            if (_betweenRoots && !BeginRoot())
            {
                return _atEnd ? JsonStep.End : JsonStep.NeedsMore;
            }

            Utf8JsonReader reader = new(_buffer.AsSpan(_next, _end - _next), _atEnd, _state);
            JsonStep step = JsonStep.NeedsMore;
            try
            {
                while (step == JsonStep.NeedsMore && !_betweenRoots && reader.Read())
                {
                    step = Take(ref reader);
                }
            }
            catch (JsonException broken)
            {
                return Break(broken);
            }

            _next += (int)reader.BytesConsumed;
            _state = reader.CurrentState;
            if (step != JsonStep.NeedsMore || !_betweenRoots)
            {
                return step == JsonStep.NeedsMore && _atEnd && !_betweenRoots
                    ? Break("the file ends within a value")
                    : step;
            }
        }
    }

    /// <summary>Reads more of the stream.</summary>
    public async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_kept >= 0 && _end - _kept > MaxRecordBytes && !CutText())
        {
            (_kept, _tooLarge) = (NoRecord, true);
        }

        Compact();
        if (_end == _buffer.Length && _buffer.Length < MaxBufferBytes)
        {
            Array.Resize(ref _buffer, Math.Min(MaxBufferBytes, 2 * _buffer.Length));
        }

        if (_end == _buffer.Length && !CutText())
        {
            (_next, _end, _atEnd, _tooLarge) = (0, 0, true, true);
            return;
        }

        int read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _atEnd = read == 0;
        _end += read;
    }

    private void Compact()
    {
        int from = _kept >= 0 ? _kept : _next;
        CountLines(from);
        _buffer.AsSpan(from, _end - from).CopyTo(_buffer);
        _next -= from;
        _end -= from;
        _counted -= from;
        _textEnd -= from;
        _kept = _kept >= 0 ? 0 : NoRecord;
    }

    // White space and byte order marks stand between documents that were put one behind the other.
    private bool BeginRoot()
    {
        while (true)
        {
            ReadOnlySpan<byte> ahead = _buffer.AsSpan(_next, _end - _next);
            int start = ahead.IndexOfAnyExcept(" \t\r\n"u8);
            _next += start < 0 ? ahead.Length : start;
            ahead = _buffer.AsSpan(_next, _end - _next);
            if (ahead.IsEmpty || (ahead.Length < 3 && !_atEnd && Encoding.UTF8.Preamble.StartsWith(ahead)))
            {
                return false;
            }

            if (!ahead.StartsWith(Encoding.UTF8.Preamble))
            {
                return Open();
            }

            _next += Encoding.UTF8.Preamble.Length;
        }
    }

    private bool Open()
    {
        CountLines(_next);
        (_rootLine, _state, _betweenRoots) = (_line, new JsonReaderState(Options), false);
        return true;
    }

    private JsonStep Take(ref Utf8JsonReader reader)
    {
        JsonStep step = _recordDepth >= 0 ? TakeWithin(ref reader) : Walk(ref reader);
        _betweenRoots = reader.CurrentDepth == 0
            && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
        return step;
    }

    // Within an object that may be a record.
    private JsonStep TakeWithin(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when reader.CurrentDepth == _recordDepth + 1:
                _namesRecords = NamesRecords(ref reader);
                return JsonStep.NeedsMore;
            case JsonTokenType.StartArray or JsonTokenType.StartObject
                when _namesRecords && reader.CurrentDepth == _recordDepth + 1:
                // It holds records and is none itself.
                (_kept, _tooLarge, _recordDepth) = (NoRecord, false, -1);
                return Walk(ref reader);
            case JsonTokenType.EndObject when reader.CurrentDepth == _recordDepth:
                return EndRecord(ref reader);
            default:
                _namesRecords = false;
                return JsonStep.NeedsMore;
        }
    }

    private JsonStep EndRecord(ref Utf8JsonReader reader)
    {
        int end = _next + (int)reader.BytesConsumed;
        Line = _recordLine;
        bool tooLarge = _tooLarge || end - _kept > MaxRecordBytes;
        Record = tooLarge ? default : _buffer.AsMemory(_kept, end - _kept);
        (_kept, _tooLarge, _recordDepth) = (NoRecord, false, -1);
        return tooLarge ? JsonStep.TooLarge : JsonStep.Record;
    }

    // Outside of records: looks for the arrays that hold them.
    private JsonStep Walk(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        bool inRecords = depth == 0 || (_isArray[depth - 1] && _holdsRecords[depth - 1]);
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                _namesRecords = NamesRecords(ref reader);
                return JsonStep.NeedsMore;
            case JsonTokenType.StartObject when inRecords:
                _recordDepth = depth;
                _kept = _next + (int)reader.TokenStartIndex;
                CountLines(_kept);
                _recordLine = _line;
                _isArray[depth] = false;
                break;
            case JsonTokenType.StartObject:
                _isArray[depth] = false;
                break;
            case JsonTokenType.StartArray:
                OpenArray(depth, depth == 0 || _namesRecords);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                break;
            default:
                if (inRecords)
                {
                    CountLines(_next + (int)reader.TokenStartIndex);
                    Line = _line;
                    Problem = $"a {Word(reader.TokenType)} stands where a record should";
                    return JsonStep.NoRecord;
                }

                break;
        }

        _namesRecords = false;
        return JsonStep.NeedsMore;
    }

    private static string Word(JsonTokenType type) => type switch
    {
        JsonTokenType.String => "text",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    private bool NamesRecords(ref Utf8JsonReader reader)
    {
        foreach (byte[] name in _recordArrays)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private void OpenArray(int depth, bool holdsRecords)
    {
        _isArray[depth] = true;
        _holdsRecords[depth] = holdsRecords;
        _namesRecords = false;
    }

    private void CountLines(int place)
    {
        if (place > _counted)
        {
            _line += _buffer.AsSpan(_counted, place - _counted).Count((byte)'\n');
            _counted = place;
        }
    }

    // The token that does not fit is a text: it becomes a word, and its rest is passed over.
    private bool CutText()
    {
        ReadOnlySpan<byte> token = _buffer.AsSpan(_next, _end - _next);
        int quote = token.IndexOfAnyExcept(BeforeValues);
        if (quote < 0 || token[quote] != (byte)'"' || token.Length - quote <= MaxTextBytes)
        {
            return false;
        }

        int start = _next + quote + 1;
        (_skipsText, _escaped) = (true, false);
        int length = ScanText(_buffer.AsSpan(start, _end - start));
        ReadOnlySpan<byte> word = "(too long)"u8;
        word.CopyTo(_buffer.AsSpan(start));
        _textEnd = start + word.Length;
        Drop(_textEnd, start + length);
        return true;
    }

    // Passes over a text up to its closing quote, which stays.
    private bool SkipText()
    {
        int length = ScanText(_buffer.AsSpan(_textEnd, _end - _textEnd));
        Drop(_textEnd, _textEnd + length);
        return !_skipsText;
    }

    private void Drop(int from, int to)
    {
        _buffer.AsSpan(to, _end - to).CopyTo(_buffer.AsSpan(from));
        _end -= to - from;
        _counted = Math.Min(_counted, from);
    }

    private int ScanText(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (_escaped)
            {
                _escaped = false;
            }
            else if (text[i] == (byte)'\\')
            {
                _escaped = true;
            }
            else if (text[i] == (byte)'"')
            {
                _skipsText = false;
                return i;
            }
        }

        return text.Length;
    }

    private JsonStep Break(JsonException broken)
    {
        CountLines(_next);
        Line = _rootLine + (broken.LineNumber ?? 0);
        string message = broken.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
        Problem = _atEnd && _tooLarge && _end == 0 ? "a value has no end"
            : message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? $"arrays and objects lie over {MaxDepth} deep within each other"
            : _atEnd && IsCutOff(message) ? "the file is cut off: it ends within a value"
            : $"this is no JSON: {message}";
        return JsonStep.Broken;
    }

    private static bool IsCutOff(string message) =>
        message.Contains("end of data", StringComparison.OrdinalIgnoreCase)
        || message.Contains("depth to be zero", StringComparison.OrdinalIgnoreCase)
        || message.Contains("end of string", StringComparison.OrdinalIgnoreCase)
        || message.Contains("does not contain", StringComparison.OrdinalIgnoreCase);

    private JsonStep Break(string problem)
    {
        CountLines(_end);
        (Line, Problem) = (_line, $"the file is cut off: {problem}");
        return JsonStep.Broken;
    }
}
