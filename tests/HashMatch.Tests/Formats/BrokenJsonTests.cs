using HashMatch.Matching;
using HashMatch.Matching.Formats;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.Tests.Formats;

public sealed class BrokenJsonTests
{
    private const string Md5 = "0123456789abcdef0123456789abcdef";

    private static readonly ListReadOptions Vics = new() { Format = ListFileFormat.Vics };

    [Theory]
    [InlineData("""{"value":[{"MD5":"12"}]}""", "record 1: md5 value has 2 hex digits; md5 has 32")]
    [InlineData("""{"value":[{"MD5":{"a":1}}]}""", "record 1: MD5 is an object: it must be a text")]
    [InlineData("""{"value":[{"MD5":[1]}]}""", "record 1: MD5 is an array: it must be a text")]
    [InlineData("""{"value":[{"MD5":12}]}""", "record 1: md5 value has 2 hex digits")]
    [InlineData("""{"value":[{"MediaID":1}]}""", "record 1: it has no hash")]
    [InlineData("""{"value":[5]}""", "record 1: a number stands where a record should")]
    [InlineData("""{"value":[{"MD5":"d41d8cd98f00b204e9800998ecf8427e"}]}""", "empty file")]
    [InlineData("""{"value":[{"MD5":"\ud800"}]}""", "record 1: MD5 is not valid Unicode")]
    [InlineData("""{"value":[{"MD5":"0123456789abcdef0123456789abcdef","VictimIdentified":"?"}]}""", "neither true")]
    [InlineData("""{"value":[{"MD5":"0123"]}""", "this is no JSON")]
    [InlineData("""{"value":[{"MD5":"0123""", "the file is cut off")]
    [InlineData("""{"value":[{"MD5":""", "the file is cut off")]
    [InlineData("""{"value":[""", "the file is cut off")]
    [InlineData("""{"value":[] """, "the file is cut off")]
    [InlineData("""[}""", "this is no JSON")]
    [InlineData("""nonsense""", "this is no JSON")]
    public async Task What_is_wrong_is_said(string file, string reason)
    {
        ListLine error = await Reading.ErrorAsync(file, Vics);
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_record_costs_itself_and_is_named_by_line_and_number()
    {
        List<ListLine> lines = await Reading.LinesAsync(
            $"{{\"value\":[\n{{\"MD5\":\"{Md5}\"}},\n{{\n\"MD5\":\"bad!\"}},\n\n7,\n{{\"MD5\":\"{Md5}\"}}]}}\n", Vics);
        Assert.Equal([2L, 3L, 6L, 7L], lines.Select(line => line.Line));
        Assert.StartsWith("record 2: ", lines[1].Error, StringComparison.Ordinal);
        Assert.StartsWith("record 3: ", lines[2].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_a_break_is_not_read_and_that_is_said()
    {
        List<ListLine> lines = await Reading.LinesAsync(
            $"{{\"value\":[\n{{\"MD5\":\"{Md5}\"}},\n{{\"MD5\" \"x\"}},\n{{\"MD5\":\"{Md5}\"}}]}}", Vics);
        Assert.Equal(2, lines.Count);
        Assert.Equal(3, lines[1].Line);
        Assert.StartsWith("after record 1: this is no JSON", lines[1].Error, StringComparison.Ordinal);
        Assert.EndsWith("nothing behind it was read", lines[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arrays_within_arrays_are_refused_beyond_a_depth()
    {
        string deep = $"{{\"value\":[{{\"x\":{new string('[', 1000)}";
        ListLine error = await Reading.ErrorAsync(deep, Vics);
        Assert.Contains("deep within each other", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_without_an_end_is_passed_over_within_bounds()
    {
        string many = string.Join(',', Enumerable.Repeat("{\"a\":\"bcdefgh\"}", 300_000));
        List<ListLine> lines = await Reading.LinesAsync(
            $"{{\"value\":[{{\"MD5\":\"{Md5}\",\"x\":[{many}]}},{{\"MD5\":\"{Md5}\"}}]}}", Vics);
        Assert.Equal($"record 1: it is over {JsonRecordReader.MaxRecordBytes} bytes", lines[0].Error);
        Assert.NotNull(lines[1].Entry);
    }

    [Fact]
    public async Task A_number_without_an_end_is_refused_within_bounds()
    {
        string digits = new('1', 4_000_000);
        ListLine error = await Reading.ErrorAsync($"{{\"value\":[{{\"MediaID\":{digits}}}]}}", Vics);
        Assert.Contains("a value has no end", error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Received ")]
    [InlineData("")]
    [InlineData("Revoked")]
    public async Task StopNcii_knows_five_states(string status)
    {
        string value = Shapes.Hex(new Random(1), HashType.Pdq);
        ListLine error = await Reading.ErrorAsync(
            Shapes.StopNciiPage(Shapes.StopNciiRecord("ImagePDQ", value, status, "c")));
        Assert.Contains("hashStatus", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_over_its_limit_is_named()
    {
        string value = Shapes.Hex(new Random(1), HashType.Pdq);
        ListLine error = await Reading.ErrorAsync(
            Shapes.StopNciiPage(Shapes.StopNciiRecord("ImagePDQ", value, "Active", new string('c', 300))));
        Assert.Contains("external_id is over 256 bytes", error.Error, StringComparison.Ordinal);
    }
}
