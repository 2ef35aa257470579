using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>JSON of any size as lines, one record in memory at a time.</summary>
internal static class JsonListReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonRecordReader.MaxDepth };

    public static async IAsyncEnumerable<ListLine> ReadAsync(
        Stream stream, JsonShape shape, [EnumeratorCancellation] CancellationToken cancellation)
    {
        JsonRecordReader reader = new(stream, shape);
        RecordLines lines = new();
        while (true)
        {
            JsonStep step = reader.Read();
            switch (step)
            {
                case JsonStep.NeedsMore:
                    await reader.FillAsync(cancellation).ConfigureAwait(false);
                    continue;
                case JsonStep.End:
                    yield break;
                case JsonStep.Broken:
                    yield return new ListLine(
                        reader.Line, null, $"after record {lines.Count}: {reader.Problem}; nothing behind it was read")
                    {
                        EndsReading = true,
                    };
                    yield break;
            }

            lines.Begin(reader.Line);
            switch (step)
            {
                case JsonStep.TooLarge:
                    lines.Fail($"it is over {JsonRecordReader.MaxRecordBytes} bytes");
                    break;
                case JsonStep.NoRecord:
                    lines.Fail(reader.Problem);
                    break;
                default:
                    Read(reader.Record, shape, lines);
                    break;
            }

            lines.End();
            foreach (ListLine line in lines.Lines)
            {
                yield return line;
            }
        }
    }

    private static void Read(ReadOnlyMemory<byte> record, JsonShape shape, RecordLines lines)
    {
        if (!Utf8.IsValid(record.Span))
        {
            lines.Fail("it is not valid UTF-8");
            return;
        }

        using JsonDocument document = JsonDocument.Parse(record, Options);
        shape.Read(document.RootElement, lines);
    }
}
