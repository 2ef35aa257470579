using System.Runtime.CompilerServices;
using System.Text;
using HashMatch.Matching.Formats;

namespace HashMatch.Matching.Lists;

/// <summary>List files in: streams lines as entries or errors, whatever the file's size.</summary>
public static class HashListReader
{
    /// <summary>Bytes of the longest line, or of a CSV record that spans lines.</summary>
    public const int MaxLineBytes = RecordReader.DefaultMaxRecordBytes;

    /// <summary>
    /// Reads a list file (UTF-8, with or without a byte order mark). What passes has passed <see cref="EntryGuard"/>.
    /// In files of lines (LF or CRLF) blank lines are passed over, in text files those that begin with `#`. Where a
    /// file is broken beyond a line or a record, the last line says so.
    /// </summary>
    /// <param name="file">Read from where it stands to its end; not closed. Memory does not grow with it.</param>
    /// <param name="options">Its shape.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static IAsyncEnumerable<ListLine> ReadAsync(
        Stream file, ListReadOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        if (options.TextType is not (HashType.Pdq or HashType.Sha256))
        {
            throw new ArgumentOutOfRangeException(nameof(options), "64 hex digits are PDQ or SHA-256.");
        }

        if (options.Categories.Length > 0 && !VicsCategories.IsName(options.Categories))
        {
            throw new ArgumentException("The categories' scheme has no good name.", nameof(options));
        }

        return ReadFileAsync(file, options, cancellation);
    }

    /// <inheritdoc cref="ReadAsync(Stream, ListReadOptions, CancellationToken)"/>
    /// <param name="file">Read from where it stands to its end; not closed.</param>
    /// <param name="format">Its shape.</param>
    /// <param name="textType">What 64 hex digits in a text file are: Pdq or Sha256.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static IAsyncEnumerable<ListLine> ReadAsync(
        Stream file, ListFileFormat format, HashType textType, CancellationToken cancellation) =>
        ReadAsync(file, new ListReadOptions { Format = format, TextType = textType }, cancellation);

    private static async IAsyncEnumerable<ListLine> ReadFileAsync(
        Stream file, ListReadOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        HeadStream stream = new(file);
        await using (stream.ConfigureAwait(false))
        {
            await stream.FillAsync(cancellation).ConfigureAwait(false);
            if (SkipByteOrderMark(stream) is { } encoding)
            {
                yield return new ListLine(1, null, $"the file is {encoding}: save it as UTF-8");
                yield break;
            }

            ListFileFormat format = options.Format == ListFileFormat.Auto
                ? FormatSniffer.Tell(stream.Head)
                : options.Format;
            options.Told?.Invoke(format);
            await foreach (ListLine line in Open(stream, format, options, cancellation)
                .WithCancellation(cancellation).ConfigureAwait(false))
            {
                yield return line;
            }
        }
    }

    private static IAsyncEnumerable<ListLine> Open(
        Stream stream, ListFileFormat format, ListReadOptions options, CancellationToken cancellation) => format switch
        {
            ListFileFormat.Csv => ReadLinesAsync(stream, true, options, cancellation),
            ListFileFormat.Text => ReadLinesAsync(stream, false, options, cancellation),
            ListFileFormat.Ncmec => NcmecReader.ReadAsync(stream, cancellation),
            ListFileFormat.StopNcii => JsonListReader.ReadAsync(stream, new StopNciiShape(), cancellation),
            ListFileFormat.ThreatExchange => JsonListReader.ReadAsync(stream, new ThreatExchangeShape(), cancellation),
            ListFileFormat.TechAgainstTerrorism =>
                JsonListReader.ReadAsync(stream, new TechAgainstTerrorismShape(), cancellation),
            ListFileFormat.Vics => JsonListReader.ReadAsync(
                stream, new VicsShape(new VicsCategories(options.Categories)), cancellation),
            ListFileFormat.Icse => IcseReader.ReadAsync(stream, cancellation),
            ListFileFormat.Nsrl => NsrlReader.ReadAsync(options.Path, cancellation),
            ListFileFormat.Auto => UnknownAsync(),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };

    private static async IAsyncEnumerable<ListLine> UnknownAsync()
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield return new ListLine(1, null, "the file is JSON of no known shape: say which with --format");
    }

    private static async IAsyncEnumerable<ListLine> ReadLinesAsync(
        Stream file, bool isCsv, ListReadOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        RecordReader reader = new(file, MaxLineBytes) { Quoted = isCsv };
        await reader.FillAsync(cancellation).ConfigureAwait(false);
        LineParser parser = new(options.TextType) { Force = options.Force };
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
                    if (line != default)
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

        bool badQuotes = false;
        string? problem = LineParser.BytesProblem(record)
            ?? (!isCsv ? parser.ReadText(record, ref line)
                : parser.Columns is null ? parser.ReadHeader(record)
                : parser.ReadCsv(record, ref line, out badQuotes));
        if (badQuotes)
        {
            reader.Resync(record, number);
        }

        if (problem is not null)
        {
            line = new ListLine(number, null, problem);
        }
        else if (line != default)
        {
            line = line with { Line = number };
        }

        return status;
    }

    private static string? SkipByteOrderMark(HeadStream stream)
    {
        ReadOnlySpan<byte> start = stream.Head;
        if (start.StartsWith(Encoding.UTF8.Preamble))
        {
            stream.Skip(Encoding.UTF8.Preamble.Length);
        }

        return start.StartsWith(Encoding.Unicode.Preamble) || start.StartsWith(Encoding.BigEndianUnicode.Preamble)
            ? "UTF-16"
            : null;
    }
}
