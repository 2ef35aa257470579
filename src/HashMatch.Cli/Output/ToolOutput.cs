using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HashMatch.Cli.Input;
using HashMatch.Matching.Lists;
using Spectre.Console;

namespace HashMatch.Cli.Output;

/// <summary>
/// What the tool says: results on standard output, everything else on standard error. Tables for people, JSON for
/// programs. All text is made safe here, so callers pass it as they have it.
/// </summary>
internal sealed class ToolOutput
{
    private static readonly JsonSerializerOptions Compact = JsonOptions(indented: false);
    private static readonly JsonSerializerOptions Indented = JsonOptions(indented: true);

    private readonly Surroundings _surroundings;
    private readonly IAnsiConsole _people;

    public ToolOutput(Surroundings surroundings, bool json)
    {
        _surroundings = surroundings;
        Json = json;
        _people = Console(surroundings.Out, surroundings.OutIsTerminal);
        Notes = Console(surroundings.Error, surroundings.ErrorIsTerminal);
    }

    /// <summary>Whether a program reads the results.</summary>
    public bool Json { get; }

    /// <summary>Standard error, for progress.</summary>
    public IAnsiConsole Notes { get; }

    /// <summary>Whether progress can be drawn over and over.</summary>
    public bool CanDraw => _surroundings.ErrorIsTerminal && !Json;

    /// <summary>A result for programs, indented when a person looks at it.</summary>
    public void Document(object document) => WriteJson(
        _surroundings.Out, document, _surroundings.OutIsTerminal ? Indented : Compact);

    /// <summary>One result of many for programs, on a line of its own.</summary>
    public void DocumentLine(object document)
    {
        WriteJson(_surroundings.Out, document, Compact);
        _surroundings.Out.Flush();
    }

    /// <summary>A line for people on standard output.</summary>
    public void Line(string text = "") => _surroundings.Out.WriteLine(PlainText.Of(text));

    /// <summary>A table for people; plain columns, nothing shortened, when the output is not a terminal.</summary>
    public void Table(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (!_surroundings.OutIsTerminal)
        {
            PlainTable(headers, rows);
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string header in headers)
        {
            table.AddColumn(new TableColumn(new Text(PlainText.Of(header), new Style(decoration: Decoration.Bold))));
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow(row.Select(cell => new Text(PlainText.Of(cell), Tone(cell))));
        }

        _people.Write(table);
    }

    /// <summary>A row of fixed columns, for results shown one by one; a longer cell pushes the rest on.</summary>
    public void Row(IReadOnlyList<string> cells, IReadOnlyList<int> widths)
    {
        for (int i = 0; i < cells.Count; i++)
        {
            string cell = PlainText.Of(cells[i]);
            string padded = i == cells.Count - 1 ? cell : cell.PadRight(widths[i]) + "  ";
            if (_surroundings.OutIsTerminal && Tone(cells[i]) is { } tone && tone != Style.Plain)
            {
                // Spectre.Console wraps at the terminal's width; a coloured word is short enough never to be wrapped.
                _people.Write(new Text(padded, tone));
            }
            else
            {
                _surroundings.Out.Write(padded);
            }
        }

        _surroundings.Out.WriteLine();
        _surroundings.Out.Flush();
    }

    /// <summary>A remark for people on standard error; programs get none.</summary>
    public void Note(string text)
    {
        if (!Json)
        {
            _surroundings.Error.WriteLine(PlainText.Of(text));
        }
    }

    /// <summary>An error, for whoever reads.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="file">The file that it is about, when a command has many; null otherwise.</param>
    /// <returns>The exit code that goes with it.</returns>
    public int Fail(Failure failure, string? file = null)
    {
        if (Json)
        {
            WriteJson(_surroundings.Error, Documents.Of(failure, file), Compact);
            return ExitCode.Error;
        }

        bool named = file is null || failure.Message.Contains(file, StringComparison.Ordinal);
        string subject = named ? "" : PlainText.Of(file) + ": ";
        Notes.Write(new Text("error: ", new Style(Color.Red)));
        _surroundings.Error.WriteLine(subject + PlainText.Of(failure.Message));
        if (failure.Hint.Length > 0)
        {
            _surroundings.Error.WriteLine(PlainText.Of(failure.Hint));
        }

        return ExitCode.Error;
    }

    /// <summary>An error about a list file, with its bad lines, for programs.</summary>
    /// <returns>The exit code that goes with it.</returns>
    public int Fail(Failure failure, IReadOnlyList<HashListError> lines, long lineCount)
    {
        WriteJson(_surroundings.Error, Documents.Of(failure, lines, lineCount), Compact);
        return ExitCode.Error;
    }

    /// <summary>Asks a person; false when nobody can be asked.</summary>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellation)
    {
        if (!_surroundings.InIsTerminal || Json)
        {
            return false;
        }

        _surroundings.Error.Write(PlainText.Of(question) + " [y/N] ");
        using var answers = new StreamReader(new InterruptibleStream(_surroundings.OpenIn()));
        string? answer = await answers.ReadLineAsync(cancellation);
        return answer?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    /// <summary>Writes out what is buffered.</summary>
    public void Flush()
    {
        _surroundings.Out.Flush();
        _surroundings.Error.Flush();
    }

    private void PlainTable(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        string[][] cells = [.. rows.Prepend(headers).Select(row => row.Select(PlainText.Of).ToArray())];
        int[] widths = [.. headers.Select((_, column) => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            Row(row, widths);
        }
    }

    private static void WriteJson(TextWriter writer, object document, JsonSerializerOptions options) =>
        writer.WriteLine(JsonSerializer.Serialize(document, options));

    private static Style Tone(string cell) => cell switch
    {
        "BLOCK" or "EXACT" or "NEAR" => new Style(Color.Red),
        "REVIEW" or "UNHASHABLE" => new Style(Color.Yellow),
        "ALLOW" or "ACTIVE" => new Style(Color.Green),
        _ => Style.Plain,
    };

    private IAnsiConsole Console(TextWriter writer, bool isTerminal)
    {
        bool colours = isTerminal && string.IsNullOrEmpty(_surroundings.Variable("NO_COLOR"))
            && _surroundings.Variable("TERM") != "dumb";
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal && _surroundings.Variable("TERM") != "dumb" ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = _surroundings.Width;
        console.Profile.Capabilities.Unicode = isTerminal;
        return console;
    }

    private static JsonSerializerOptions JsonOptions(bool indented)
    {
        // Letters of all languages stay readable; what reorders or hides text is escaped.
        var allowed = new TextEncoderSettings(UnicodeRanges.All);
        allowed.ForbidRange(UnicodeRange.Create('\u200B', '\u200F'));
        allowed.ForbidRange(UnicodeRange.Create('\u2028', '\u202E'));
        allowed.ForbidRange(UnicodeRange.Create('\u2060', '\u206F'));
        allowed.ForbidCharacters('\u00AD', '\u061C', '\uFEFF');
        return new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.Create(allowed),
            WriteIndented = indented,
        };
    }
}
