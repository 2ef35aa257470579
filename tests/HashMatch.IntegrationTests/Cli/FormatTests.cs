using System.Text.Json;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>Sources' own formats through the tool, on the store and through a server.</summary>
public sealed class FormatTests
{
    private static readonly string[] Md5 =
        ["00112233445566778899aabbccddeeff", "10112233445566778899aabbccddeeff", "20112233445566778899aabbccddeeff"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Records_deletions_and_what_nothing_matches_come_through(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        string file = tool.Write(
            "page.xml",
            "<queryResult xmlns='https://hashsharing.ncmec.org/hashsharing/v2'><images>",
            Image("1", Md5[0], Md5[1]),
            Image("2", Md5[1]),
            "<deletedImage><member id='7'>M</member><id>1</id></deletedImage>",
            "</images></queryResult>");
        ToolResult people = await tool.RunAsync(Cancellation, "lists", "load", "cases", file);
        Assert.True(people.ExitCode == 0, people.Error);
        Assert.Contains("Left out, since nothing here matches them: 1 photodna.", people.Out, StringComparison.Ordinal);
        ListVersion version = (await tool.ListAsync("cases", Cancellation))!.Versions[0];
        Assert.Equal((1, 1), (version.Entries.Md5, version.Removed));

        string changes = tool.Write("changes.csv", "type,value,op", $"md5,{Md5[1]},delete", $"md5,{Md5[2]},upsert");
        ToolResult programs = await tool.RunAsync(
            Cancellation, "lists", "load", "cases", changes, "--changes", "--json");
        Assert.True(programs.ExitCode == 0, programs.Error);
        JsonElement said = programs.Json.GetProperty("version");
        Assert.Equal(1, said.GetProperty("removed").GetInt32());
        Assert.Equal(1, said.GetProperty("entries").GetProperty("md5").GetInt32());
        Assert.Equal(2, programs.Json.GetProperty("active_version").GetInt32());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bad_record_is_named_by_its_line(bool throughServer)
    {
        using var tool = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(tool, Cancellation) : null;
        tool.Server = served?.Address;
        string file = tool.Write(
            "set.json",
            "{\"@odata.context\":\"x\",\"value\":[",
            $"{{\"MediaID\":1,\"Category\":1,\"MD5\":\"{Md5[0]}\",\"PhotoDNA\":\"AA==\"}},",
            "{\"MediaID\":2,\"Category\":1,\"MD5\":\"short\"},",
            $"{{\"MediaID\":3,\"Category\":5,\"MD5\":\"{Md5[1]}\"}}",
            "]}");
        ToolResult refused = await tool.RunAsync(Cancellation, "lists", "load", "vic", file);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("set.json:3: record 2: md5 value has ", refused.Error, StringComparison.Ordinal);
        Assert.Null(await tool.ListAsync("vic", Cancellation));

        ToolResult load = await tool.RunAsync(
            Cancellation, "lists", "load", "vic", file, "--skip-invalid", "--categories", "VIC_US", "--json");
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal(1, load.Json.GetProperty("version").GetProperty("entries").GetProperty("md5").GetInt32());
        Assert.Equal(
            [("VIC_US 5: non-pertinent", 1), ("photodna", 1)],
            load.Json.GetProperty("version").GetProperty("left_out").EnumerateArray().Select(item =>
                (item.GetProperty("type").GetString()!, item.GetProperty("count").GetInt32())));
    }

    [Fact]
    public async Task Changes_need_something_to_change()
    {
        using var tool = new ToolProcess();
        string file = tool.Write("a.csv", ListFiles.Csv(1, 3));
        ToolResult missing = await tool.RunAsync(Cancellation, "lists", "load", "cases", file, "--changes", "--json");
        Assert.Equal((1, "LIST_NOT_FOUND"), (missing.ExitCode, missing.Reason));
        await tool.RunAsync(Cancellation, "lists", "create", "cases");
        ToolResult empty = await tool.RunAsync(Cancellation, "lists", "load", "cases", file, "--changes", "--json");
        Assert.Equal((1, "NO_ACTIVE_VERSION"), (empty.ExitCode, empty.Reason));
    }

    private static string Image(string id, params string[] md5) =>
        $"<image><member id='7'>M</member><id>{id}</id><classification>A1</classification><fingerprints>"
        + string.Concat(md5.Select(value => $"<md5>{value}</md5>"))
        + (id == "2" ? "<pdna>x</pdna>" : "")
        + "</fingerprints></image>";
}
