using System.Text.Json;
using HashMatch.Matching.Lists;

namespace HashMatch.Matching.Formats;

/// <summary>Tells a list file's format by its beginning, where that is safe.</summary>
internal static class FormatSniffer
{
    // A field that one source alone has, and the source. The first one that is met counts.
    private static readonly (string Name, ListFileFormat Format)[] Fields =
    [
        ("hashRecords", ListFileFormat.StopNcii),
        ("signalType", ListFileFormat.StopNcii),
        ("threat_updates", ListFileFormat.ThreatExchange),
        ("indicator", ListFileFormat.ThreatExchange),
        ("should_delete", ListFileFormat.ThreatExchange),
        ("hash_digest", ListFileFormat.TechAgainstTerrorism),
        ("ideology", ListFileFormat.TechAgainstTerrorism),
        ("MediaID", ListFileFormat.Vics),
        ("Media", ListFileFormat.Vics),
        ("@odata.context", ListFileFormat.Vics),
        ("odata.metadata", ListFileFormat.Vics),
        ("MD5", ListFileFormat.Vics),
    ];

    /// <summary>The format; Auto when it is JSON of nobody's shape.</summary>
    /// <param name="head">Without a byte order mark.</param>
    public static ListFileFormat Tell(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith(NsrlReader.Magic))
        {
            return ListFileFormat.Nsrl;
        }

        ReadOnlySpan<byte> start = head.TrimStart(" \t\r\n"u8);
        return start.IsEmpty ? ListFileFormat.Text : start[0] switch
        {
            (byte)'<' => ListFileFormat.Ncmec,
            (byte)'{' or (byte)'[' => TellJson(start),
            _ => TellLines(start),
        };
    }

    // What stands after the beginning, or is broken, is told by the reader.
    private static ListFileFormat TellJson(ReadOnlySpan<byte> start)
    {
        Utf8JsonReader reader = new(start, false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                foreach ((string name, ListFileFormat format) in Fields)
                {
                    if (reader.ValueTextEquals(name))
                    {
                        return format;
                    }
                }
            }
        }
        catch (JsonException)
        {
            return ListFileFormat.Auto;
        }

        return ListFileFormat.Auto;
    }

    // A comma is in no hash; whether the header is a good one is said when it is read.
    private static ListFileFormat TellLines(ReadOnlySpan<byte> start)
    {
        foreach (Range range in start.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = start[range].TrimEnd((byte)'\r');
            if (!LineParser.IsBlank(line))
            {
                return line[0] == (byte)'#' || LineParser.BeginsWithType(line) ? ListFileFormat.Text
                    : IcseReader.IsHeader(line) ? ListFileFormat.Icse
                    : line.Contains((byte)',') ? ListFileFormat.Csv
                    : ListFileFormat.Text;
            }
        }

        return ListFileFormat.Text;
    }
}
