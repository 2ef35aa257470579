using System.Globalization;
using System.Text;
using HashMatch.Matching;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Matching;

public sealed class HashListReaderTests
{
    private const string Header = "type,value,external_id,classification,severity,expires_at,note\n";
    private const string Md5 = "0123456789abcdef0123456789abcdef";
    private const string Sha1 = "0123456789abcdef0123456789abcdef01234567";
    private const string Sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly string Pdq = Samples.Value(new Random(11), HashType.Pdq).ToHex(HashType.Pdq);

    [Fact]
    public async Task Every_column_of_a_line_is_read()
    {
        HashEntry entry = (await EntriesAsync(
            $"{Header}pdq,{Pdq},id-1,A1,high,2027-01-31T12:30:00+02:00,a note\n"))[0];
        Assert.Equal(HashType.Pdq, entry.Type);
        Assert.Equal(Pdq, entry.Value.ToHex(HashType.Pdq));
        Assert.Equal("id-1", entry.ExternalId);
        Assert.Equal("A1", entry.Classification);
        Assert.Equal("high", entry.Severity);
        Assert.Equal(new DateTimeOffset(2027, 1, 31, 10, 30, 0, TimeSpan.Zero), entry.ExpiresAt);
        Assert.Equal("a note", entry.Note);
    }

    [Fact]
    public async Task Columns_come_in_any_order_and_may_be_left_out()
    {
        HashEntry entry = (await EntriesAsync($"note,VALUE, Type \nn,{Md5.ToUpperInvariant()}, MD5 \n"))[0];
        Assert.Equal(HashType.Md5, entry.Type);
        Assert.Equal(Md5, entry.Value.ToHex(HashType.Md5));
        Assert.Equal("n", entry.Note);
        Assert.Equal("", entry.ExternalId);
        Assert.Null(entry.ExpiresAt);
    }

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    [InlineData("\r\n", true)]
    public async Task Line_ends_and_a_byte_order_mark_change_nothing(string end, bool mark)
    {
        string text = $"type,value{end}{end}md5,{Md5}{end}  {end}sha1,{Sha1}{end}sha256,{Sha256}";
        byte[] bytes = [.. mark ? Encoding.UTF8.Preamble.ToArray() : [], .. Encoding.UTF8.GetBytes(text)];
        List<ListLine> lines = await ReadAsync(bytes, ListFileFormat.Auto);
        Assert.Equal([3L, 5L, 6L], lines.Select(line => line.Line));
        Assert.Equal([HashType.Md5, HashType.Sha1, HashType.Sha256], lines.Select(line => line.Entry!.Type));
    }

    [Fact]
    public async Task Texts_of_every_script_survive_quoting()
    {
        StringBuilder file = new(Header);
        foreach (string text in Texts.Zoo)
        {
            file.Append(CultureInfo.InvariantCulture, $"md5,{Md5},{Quoted(text)},{Quoted(text)},,,{Quoted(text)}\n");
        }

        List<HashEntry> entries = await EntriesAsync(file.ToString());
        Assert.Equal(Texts.Zoo, entries.Select(entry => entry.ExternalId));
        Assert.Equal(Texts.Zoo, entries.Select(entry => entry.Classification));
        Assert.Equal(Texts.Zoo, entries.Select(entry => entry.Note));
    }

    [Fact]
    public async Task Lines_are_counted_as_an_editor_shows_them()
    {
        List<ListLine> lines = await ReadAsync(
            $"type,value,note\nmd5,{Md5},\"two\nlines\"\nmd5,bad,\n\nmd5,{Md5},\"three\n\nlines\"\nmd5,worse,\n");
        Assert.Equal([2L, 4L, 6L, 9L], lines.Select(line => line.Line));
        Assert.Equal([false, true, false, true], lines.Select(line => line.Error is not null));
    }

    [Theory]
    [InlineData("md5,", "value has 0 hex digits; md5 has 32")]
    [InlineData("md5,0123", "value has 4 hex digits; md5 has 32")]
    [InlineData("md5,0123456789abcdefg123456789abcdef", "'g' at position 17")]
    [InlineData("md5,0123456789ébcdef0123456789abcdef", "'é' at position 11")]
    [InlineData("photodna,00", "type is 'photodna'")]
    [InlineData(",00", "type is empty")]
    [InlineData("md5", "the line has 1 fields; the header names 2")]
    [InlineData("md5,00,extra", "the line has 3 fields; the header names 2")]
    [InlineData("md5,d41d8cd98f00b204e9800998ecf8427e", "empty file")]
    [InlineData("pdq,0000000000000000000000000000000000000000000000000000000000000000", "all zeros")]
    [InlineData("md5,0123\"4", "a quote stands within a field")]
    [InlineData("md5,\"0123\"4", "text stands behind a closing quote")]
    [InlineData("md5,0123\u00004", "NUL")]
    public async Task A_bad_line_says_what_is_wrong(string line, string reason)
    {
        List<ListLine> lines = await ReadAsync($"type,value\nmd5,{Md5}\n{line}\nmd5,{Md5}\n");
        Assert.Equal(3, lines.Count);
        Assert.Equal(3, lines[1].Line);
        Assert.Contains(reason, lines[1].Error, StringComparison.Ordinal);
        Assert.NotNull(lines[2].Entry);
    }

    [Theory]
    [InlineData("external_id", HashEntry.MaxExternalIdBytes)]
    [InlineData("classification", HashEntry.MaxClassificationBytes)]
    [InlineData("severity", HashEntry.MaxSeverityBytes)]
    [InlineData("note", HashEntry.MaxNoteBytes)]
    public async Task A_field_is_taken_up_to_its_limit(string field, int maxBytes)
    {
        // Two bytes a character.
        string longest = new('é', maxBytes / 2);
        List<ListLine> lines = await ReadAsync(
            $"type,value,{field}\nmd5,{Md5},{longest}\nmd5,{Md5},{longest}e\nmd5,{Md5},ok\n");
        Assert.Null(lines[0].Error);
        Assert.Contains($"{field} is over {maxBytes} bytes", lines[1].Error, StringComparison.Ordinal);
        Assert.Null(lines[2].Error);
    }

    [Theory]
    [InlineData("2027-01-31", 1801353600)]
    [InlineData("2027-01-31T12:00Z", 1801396800)]
    [InlineData("2027-01-31T12:00:00", 1801396800)]
    [InlineData("2027-01-31T12:00:00.75Z", 1801396800)]
    [InlineData("2027-01-31 14:00:00+02:00", 1801396800)]
    [InlineData("1801396800", 1801396800)]
    [InlineData("0", 0)]
    public async Task Times_are_read_in_the_forms_that_are_promised(string text, long seconds)
    {
        HashEntry entry = (await EntriesAsync($"type,value,expires_at\nmd5,{Md5},{text}\n"))[0];
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(seconds), entry.ExpiresAt);
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("31.01.2027")]
    [InlineData("2027-02-30")]
    [InlineData("-1")]
    [InlineData("99999999999999")]
    public async Task Other_times_are_refused(string text)
    {
        ListLine line = Assert.Single(await ReadAsync($"type,value,expires_at\nmd5,{Md5},{text}\n"));
        Assert.Contains("expires_at", line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type,value,colour\n", "unknown column 'colour'")]
    [InlineData("type,external_id\n", "no column 'value'")]
    [InlineData("value,external_id\n", "no column 'type'")]
    [InlineData("type,value,type\n", "'type' twice")]
    [InlineData("type,\"value\n", "quote")]
    public async Task A_bad_header_is_all_that_is_said_of_a_file(string header, string reason)
    {
        ListLine line = Assert.Single(await ReadAsync($"{header}md5,{Md5}\nmd5,bad\n"));
        Assert.Equal(1, line.Line);
        Assert.Contains(reason, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_costs_one_line()
    {
        List<ListLine> lines = await ReadAsync(
            $"type,value,note\nmd5,{Md5},\"open\nmd5,{Md5},a\nmd5,{Md5},b\n");
        Assert.Equal([2L, 3L, 4L], lines.Select(line => line.Line));
        Assert.Contains("never closed", lines[0].Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], lines[1..].Select(line => line.Entry!.Note));
    }

    [Fact]
    public async Task A_quote_that_swallows_the_next_one_costs_one_line()
    {
        List<ListLine> lines = await ReadAsync(
            $"type,value,note\nmd5,{Md5},\"open\nmd5,{Md5},\"b\"\nmd5,{Md5},c\n");
        Assert.NotNull(lines[0].Error);
        Assert.Equal([2L, 3L, 4L], lines.Select(line => line.Line));
        Assert.Equal(["b", "c"], lines[1..].Select(line => line.Entry!.Note));
    }

    [Fact]
    public async Task A_line_without_an_end_is_passed_over_within_bounds()
    {
        string endless = new('x', 10 * HashListReader.MaxLineBytes);
        List<ListLine> lines = await ReadAsync($"type,value\n{endless}\nmd5,{Md5}\n{endless}");
        Assert.Equal([2L, 3L, 4L], lines.Select(line => line.Line));
        Assert.Contains("over 65536 bytes", lines[0].Error, StringComparison.Ordinal);
        Assert.NotNull(lines[1].Entry);
        Assert.Contains("over 65536 bytes", lines[2].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_a_bad_line()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"type,value,note\nmd5,{Md5},"), 0xC3, 0x28, .. "\n"u8];
        ListLine line = Assert.Single(await ReadAsync(bytes, ListFileFormat.Auto));
        Assert.Equal("the line is not valid UTF-8", line.Error);
    }

    [Fact]
    public async Task UTF16_is_named_as_such()
    {
        byte[] bytes = [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes($"type,value\nmd5,{Md5}\n")];
        ListLine line = Assert.Single(await ReadAsync(bytes, ListFileFormat.Auto));
        Assert.Contains("UTF-16", line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HashType.Pdq)]
    [InlineData(HashType.Sha256)]
    public async Task A_text_file_is_one_hash_a_line(HashType type)
    {
        List<ListLine> lines = await ReadAsync(
            Encoding.UTF8.GetBytes($"# a comment, and more\n\n{Md5}\n {Sha1} \r\n{Pdq.ToUpperInvariant()}\nshort\n"),
            ListFileFormat.Auto,
            type);
        Assert.Equal([3L, 4L, 5L, 6L], lines.Select(line => line.Line));
        Assert.Equal([HashType.Md5, HashType.Sha1, type], lines[..3].Select(line => line.Entry!.Type));
        Assert.Contains("5 characters", lines[3].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_read_from_an_empty_file() => Assert.Empty(await ReadAsync(""));

    [Fact]
    public async Task A_stream_that_gives_a_byte_at_a_time_is_read_the_same()
    {
        string text = $"{Header}md5,{Md5},\"a \"\"quoted\"\"\nid\",,,,\nmd5,bad,,,,,\n";
        List<ListLine> whole = await ReadAsync(text);
        using Trickle stream = new(Encoding.UTF8.GetBytes(text));
        List<ListLine> trickled = await CollectAsync(stream, ListFileFormat.Auto, HashType.Pdq);
        Assert.Equal(whole, trickled);
        Assert.Equal("a \"quoted\"\nid", whole[0].Entry!.ExternalId);
    }

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny("\",\n\r") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static Task<List<ListLine>> ReadAsync(string text) =>
        ReadAsync(Encoding.UTF8.GetBytes(text), ListFileFormat.Auto);

    private static async Task<List<HashEntry>> EntriesAsync(string text)
    {
        List<ListLine> lines = await ReadAsync(text);
        Assert.All(lines, line => Assert.Null(line.Error));
        return [.. lines.Select(line => line.Entry!)];
    }

    private static async Task<List<ListLine>> ReadAsync(
        byte[] bytes, ListFileFormat format, HashType textType = HashType.Pdq)
    {
        using MemoryStream stream = new(bytes);
        return await CollectAsync(stream, format, textType);
    }

    private static async Task<List<ListLine>> CollectAsync(Stream stream, ListFileFormat format, HashType textType)
    {
        List<ListLine> lines = [];
        await foreach (ListLine line in HashListReader.ReadAsync(
            stream, format, textType, TestContext.Current.CancellationToken))
        {
            Assert.True(line.Entry is null != line.Error is null);
            lines.Add(line);
        }

        return lines;
    }

    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
