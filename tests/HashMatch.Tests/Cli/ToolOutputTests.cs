using System.Text.Json;
using HashMatch.Cli;
using HashMatch.Cli.Output;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>How results and errors are shown.</summary>
public sealed class ToolOutputTests
{
    private const string Nasty = "\u001b]0;title\u0007[bold]x[/]\nforged line";

    [Fact]
    public void A_table_in_a_pipe_is_plain_columns_with_nothing_shortened()
    {
        string longValue = new('v', 500);
        string text = Shown(output => output.Table(["NAME", "VALUE"], [["a", longValue], ["longer name", "1"]]));
        Assert.Equal(
            $"NAME         VALUE\na            {longValue}\nlonger name  1\n", text.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_table_on_a_terminal_has_borders_and_colours()
    {
        string text = Shown(output => output.Table(["ACTION"], [["BLOCK"]]), isTerminal: true);
        Assert.Contains("\u001b[", text, StringComparison.Ordinal);
        Assert.Contains("╭", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public void A_terminal_that_wants_no_colour_gets_none(string variable, string value)
    {
        string text = Shown(
            output =>
            {
                output.Table(["ACTION"], [["BLOCK"]]);
                output.Row(["BLOCK", "x"], [5, 0]);
            },
            isTerminal: true,
            variables: new() { [variable] = value });
        Assert.DoesNotContain("\u001b[31m", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[91m", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Data_cannot_steer_the_terminal_whatever_shows_it(bool isTerminal)
    {
        string text = Shown(
            output =>
            {
                output.Table([Nasty], [[Nasty]]);
                output.Row([Nasty, Nasty], [4, 4]);
                output.Line(Nasty);
                output.Note(Nasty);
                output.Fail(new Failure("R", Nasty, Nasty), Nasty);
            },
            isTerminal);
        Assert.DoesNotContain("\u001b]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u0007", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nforged", text, StringComparison.Ordinal);
        Assert.Contains("[bold]x[/]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_of_data_is_one_line_that_reads_back_the_same()
    {
        string text = Shown(output => output.DocumentLine(new { ExternalId = Nasty + "\u202E写真🌅" }), json: true);
        Assert.Equal(text.Length - Environment.NewLine.Length, text.TrimEnd().Length);
        Assert.DoesNotContain(text.TrimEnd(), character => char.IsControl(character) || character == '\u202E');
        Assert.Contains("写真", text, StringComparison.Ordinal);
        using var read = JsonDocument.Parse(text);
        Assert.Equal(Nasty + "\u202E写真🌅", read.RootElement.GetProperty("external_id").GetString());
    }

    [Fact]
    public async Task Nobody_is_asked_in_a_pipe()
    {
        using var writer = new StringWriter();
        var output = new ToolOutput(ToolRun.Surroundings(writer, writer, input: "y\n"), json: false);
        Assert.False(await output.ConfirmAsync("Delete?", TestContext.Current.CancellationToken));
        Assert.Empty(writer.ToString());
    }

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("Yes\n", true)]
    [InlineData("n\n", false)]
    [InlineData("\n", false)]
    [InlineData("", false)]
    public async Task A_person_says_yes_or_it_is_no(string answer, bool confirmed)
    {
        using var writer = new StringWriter();
        var output = new ToolOutput(
            ToolRun.Surroundings(writer, writer, input: answer, isTerminal: true), json: false);
        Assert.Equal(confirmed, await output.ConfirmAsync("Delete?", TestContext.Current.CancellationToken));
    }

    private static string Shown(
        Action<ToolOutput> show,
        bool isTerminal = false,
        bool json = false,
        Dictionary<string, string>? variables = null)
    {
        using var writer = new StringWriter();
        var output = new ToolOutput(ToolRun.Surroundings(writer, writer, variables, "", isTerminal), json);
        show(output);
        output.Flush();
        return writer.ToString();
    }
}
