using System.Runtime.CompilerServices;
using System.Text;

namespace HashMatch.Matching.Lists;

/// <summary>List files in: streams lines as entries or errors, whatever the file's size.</summary>
public static class HashListReader
{
    /// <summary>Bytes of the longest line, or of a CSV record that spans lines.</summary>
    public const int MaxLineBytes = RecordReader.DefaultMaxRecordBytes;

    /// <summary>
    /// Reads a list file (UTF-8, with or without a byte order mark, LF or CRLF). Blank lines are passed over, and in
    /// text files lines that begin with `#`. A CSV header that is wrong is the only line that is reported. What passes
    /// has passed <see cref="EntryGuard"/>.
    /// </summary>
    /// <param name="file">Read from where it stands to its end; not closed.</param>
    /// <param name="format">Its shape.</param>
    /// <param name="textType">What 64 hex digits in a text file are: Pdq or Sha256.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="textType"/> is another type.</exception>
    public static IAsyncEnumerable<ListLine> ReadAsync(
        Stream file, ListFileFormat format, HashType textType, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (textType is not (HashType.Pdq or HashType.Sha256))
        {
            throw new ArgumentOutOfRangeException(nameof(textType), "64 hex digits are PDQ or SHA-256.");
        }

        return ReadLinesAsync(file, format, textType, cancellation);
    }

    private static async IAsyncEnumerable<ListLine> ReadLinesAsync(
        Stream file,
        ListFileFormat format,
        HashType textType,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        RecordReader reader = new(file, MaxLineBytes);
        await reader.FillAsync(cancellation).ConfigureAwait(false);
        if (SkipByteOrderMark(reader) is { } encoding)
        {
            yield return new ListLine(1, null, $"the file is {encoding}: save it as UTF-8");
            yield break;
        }

        LineParser parser = new(textType);
        bool isCsv = format == ListFileFormat.Csv || (format == ListFileFormat.Auto && LooksLikeCsv(reader.Ahead));
        reader.Quoted = isCsv;
        while (true)
        {
            switch (Take(reader, parser, isCsv, out ListLine line))
            {
                case RecordStatus.NeedsMore:
                    await reader.FillAsync(cancellation).ConfigureAwait(false);
                    break;
                case RecordStatus.End:
                    yield break;
                default:
                    if (line.Line > 0)
                    {
                        yield return line;
                    }

                    if (line.Error is not null && isCsv && parser.Columns is null)
                    {
                        yield break;
                    }

                    break;
            }
        }
    }

    // Line 0 stands for nothing to report.
    private static RecordStatus Take(RecordReader reader, LineParser parser, bool isCsv, out ListLine line)
    {
        line = default;
        RecordStatus status = reader.TryRead(out ReadOnlySpan<byte> record, out long number);
        if (status == RecordStatus.TooLong)
        {
            line = new ListLine(number, null, $"the line is over {MaxLineBytes} bytes");
            return status;
        }

        if (status != RecordStatus.Record || LineParser.IsBlank(record))
        {
            return status;
        }

        HashEntry? entry = null;
        bool badQuotes = false;
        string? problem = LineParser.BytesProblem(record)
            ?? (!isCsv ? parser.ReadText(record, out entry)
                : parser.Columns is null ? parser.ReadHeader(record)
                : parser.ReadCsv(record, out entry, out badQuotes));
        if (badQuotes)
        {
            reader.Resync(record, number);
        }

        if (entry is not null || problem is not null)
        {
            line = new ListLine(number, entry, problem);
        }

        return status;
    }

    // A comma is in no hash; whether the header is a good one is said when it is read.
    private static bool LooksLikeCsv(ReadOnlySpan<byte> start)
    {
        foreach (Range range in start.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = start[range];
            if (!LineParser.IsBlank(line))
            {
                return line[0] != (byte)'#' && line.Contains((byte)',');
            }
        }

        return false;
    }

    private static string? SkipByteOrderMark(RecordReader reader)
    {
        ReadOnlySpan<byte> start = reader.Ahead;
        if (start.StartsWith(Encoding.UTF8.Preamble))
        {
            reader.Skip(Encoding.UTF8.Preamble.Length);
        }

        return start.StartsWith(Encoding.Unicode.Preamble) || start.StartsWith(Encoding.BigEndianUnicode.Preamble)
            ? "UTF-16"
            : null;
    }
}
