using System.Runtime.CompilerServices;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>Interpol ICSE: CSV with semicolons and a header; columns that are not known are passed over.</summary>
internal sealed class IcseReader
{
    /// <summary>What stands between fields.</summary>
    public const byte Separator = (byte)';';

    private readonly CsvFields _fields = new(Separator);
    private readonly RecordLines _lines = new();
    private string[]? _header;

    /// <summary>Whether a line is a header of this format.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line)
    {
        CsvFields fields = new(Separator);
        return line.Contains(Separator) && LineParser.BytesProblem(line) is null && fields.Split(line) is null
            && HasHashes(NamesOf(fields));
    }

    public static async IAsyncEnumerable<ListLine> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        RecordReader records = new(stream, RecordReader.DefaultMaxRecordBytes) { Separator = Separator, Quoted = true };
        IcseReader reader = new();
        while (true)
        {
            switch (reader.Take(records))
            {
                case RecordStatus.NeedsMore:
                    await records.FillAsync(cancellation).ConfigureAwait(false);
                    continue;
                case RecordStatus.End:
                    yield break;
            }

            foreach (ListLine line in reader._lines.Lines)
            {
                yield return line;
            }

            if (reader._header is null && reader._lines.Lines.Count > 0)
            {
                yield break;
            }
        }
    }

    private RecordStatus Take(RecordReader records)
    {
        RecordStatus status = records.TryRead(out ReadOnlySpan<byte> record, out long line);
        if (status is RecordStatus.NeedsMore or RecordStatus.End)
        {
            return status;
        }

        if (status == RecordStatus.Record && LineParser.IsBlank(record))
        {
            _lines.Reset();
            return status;
        }

        bool isHeader = _header is null;
        if (isHeader)
        {
            _lines.Reset(line);
        }
        else
        {
            _lines.Begin(line);
        }

        string? problem = status == RecordStatus.TooLong
            ? $"the line is over {RecordReader.DefaultMaxRecordBytes} bytes"
            : LineParser.BytesProblem(record);
        if (problem is null && _fields.Split(record) is { } badQuotes)
        {
            problem = badQuotes;
            records.Resync(record, line);
        }

        problem ??= isHeader ? ReadHeader() : ReadFields();
        if (problem is not null)
        {
            _lines.Fail(problem);
        }

        if (!isHeader || problem is not null)
        {
            _lines.End();
        }

        return status;
    }

    private static string[] NamesOf(CsvFields fields) =>
        [.. fields.ToStrings()
            .Select(name => name.Trim().Replace("-", "", StringComparison.Ordinal).ToUpperInvariant())];

    private static bool HasHashes(string[] names) => names.Any(name => name is "MD5" or "SHA1" or "SHA256");

    private string? ReadHeader()
    {
        string[] names = NamesOf(_fields);
        if (!HasHashes(names))
        {
            return "the header has none of the columns MD5, SHA1 and SHA256";
        }

        _header = names;
        return null;
    }

    private string? ReadFields()
    {
        // Some tools end every line with a semicolon.
        bool isLonger = _fields.Count == _header!.Length + 1 && _fields[_header.Length].IsEmpty;
        if (_fields.Count != _header.Length && !isLonger)
        {
            return $"the line has {_fields.Count} fields; the header names {_header.Length}";
        }

        IReadOnlyList<string> texts = _fields.ToStrings();
        for (int i = 0; i < _header.Length; i++)
        {
            string text = texts[i].Trim();
            if (text.Length > 0)
            {
                TakeField(_header[i], text);
            }
        }

        return null;
    }

    private void TakeField(string name, string text)
    {
        switch (name)
        {
            case "MD5":
                _lines.Add(HashType.Md5, text);
                break;
            case "SHA1":
                _lines.Add(HashType.Sha1, text);
                break;
            case "SHA256":
                _lines.Add(HashType.Sha256, text);
                break;
            case "PDQ":
                _lines.Add(HashType.Pdq, text);
                break;
            case "PHOTODNA" or "PDNA":
                _lines.LeaveOut("photodna");
                break;
            case "ID" or "MEDIAID" or "IMAGEID" or "FILEID":
                _lines.ExternalId = text;
                break;
            case "CATEGORY" or "CLASSIFICATION" or "BASELINE":
                _lines.Classification = text;
                break;
        }
    }
}
