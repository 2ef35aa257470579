using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>Names and notes as people write them, and as attackers do.</summary>
public sealed class NamesTests
{
    private static readonly string[] Names =
    [
        "photo with spaces.png", "фото.png", "写真.png", "照片.png", "사진.png", "صورة.png", "תמונה.png", "फ़ोटो.png",
        "ภาพถ่าย.png", "φωτογραφία.png", "ảnh chụp.png", "fénykép.png", "ლამაზი.png", "🌅👩‍👧.png",
        "-dash.png", "--json.png",
        "@at.png", "[red]markup.png", "new\nline.png", "\u001b[31mescape.png", "gnp.\u202Eexe.png", "quote\"'`$(x).png",
        "%s%n.png", "back\\slash.png",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_of_any_name_are_matched_and_shown_without_harm()
    {
        using var tool = new ToolProcess();
        byte[] known = DrawnPicture.Draw(1);
        string nasty = "case \u001b]0;x\u0007[blink]\u202E一";
        string list = tool.Write(
            "a.csv", [.. ListFiles.Csv(1, 2), $"sha256,{ListFiles.Sha256(known)},,,,,"]);
        Assert.Equal(0, (await tool.RunAsync(Cancellation, "lists", "load", "cases", list)).ExitCode);
        await tool.RunAsync(
            Cancellation, "entries", "add", "cases", "--type", "sha256", "--value", ListFiles.Sha256(known),
            "--external-id", "case 一二三 ñ 🌅");
        foreach (string name in Names)
        {
            tool.Write(name, known);
        }

        ToolResult json = await tool.RunAsync(Cancellation, ["match", "--json", "--", .. Names]);
        Assert.True(json.ExitCode == 2, json.Error);
        Assert.Equal(Names, json.JsonLines.Select(line => line.GetProperty("file").GetString()));
        Assert.All(json.JsonLines, line => Assert.Equal(
            "case 一二三 ñ 🌅", line.GetProperty("matches")[0].GetProperty("external_id").GetString()));

        ToolResult people = await tool.RunAsync(Cancellation, ["match", "--", .. Names, nasty]);
        Assert.Equal(2, people.ExitCode);
        Assert.Equal(Names.Length + 1, people.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(
            (people.Out + people.Error).Replace("\n", "", StringComparison.Ordinal),
            character => char.IsControl(character) || character == '\u202E');
        Assert.Contains("写真.png", people.Out, StringComparison.Ordinal);

        ToolResult hash = await tool.RunAsync(Cancellation, ["hash", "--", .. Names]);
        Assert.True(hash.ExitCode == 0, hash.Error);
    }

    [Fact]
    public async Task Descriptions_and_sources_of_any_kind_come_back_as_they_are()
    {
        using var tool = new ToolProcess();
        const string Text = "список 名簿 قائمة 🌅 \u001b[31m[red]";
        string list = tool.Write("список 🌅.csv", ListFiles.Csv(1, 2));
        ToolResult load = await tool.RunAsync(
            Cancellation, "lists", "load", "cases", list, "--description", Text);
        Assert.True(load.ExitCode == 0, load.Error);
        ToolResult json = await tool.RunAsync(Cancellation, "lists", "show", "cases", "--json");
        Assert.Equal(Text, json.Json.GetProperty("description").GetString());
        Assert.Equal("список 🌅.csv", json.Json.GetProperty("versions")[0].GetProperty("source").GetString());
        ToolResult people = await tool.RunAsync(Cancellation, "lists", "show", "cases");
        Assert.Contains("список 名簿 قائمة 🌅 \\u001b[31m[red]", people.Out, StringComparison.Ordinal);
    }
}
