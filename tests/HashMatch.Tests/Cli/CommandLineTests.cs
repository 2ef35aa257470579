using System.CommandLine;
using System.Text.Json;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>What a command line is taken for, and what is said about a bad one.</summary>
public sealed class CommandLineTests
{
    public static TheoryData<string> BadLines =>
    [
        "lists lss",
        "lists load name",
        "lists load name file --format xml",
        "lists load name file --type md5",
        "lists activate name two",
        "lists set name --enabled maybe",
        "lists set name --max-distance far",
        "lists set name --max-distance 64",
        "lists set name --min-quality -1",
        "lists set name --action allow",
        "lists set name",
        "lists copy --from sqlite:/a --to sqlite:/b",
        "lists copy name --all --from sqlite:/a --to sqlite:/b",
        "entries add name",
        "entries add name --value xyz",
        "entries add name --type md5 --value aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "entries rm name --value xyz",
        "events --limit 0",
        "match",
        "explain",
        "explain xyz",
        "explain 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef --nearest 0",
        "explain 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef --server http://127.0.0.1:1",
        "hash --fidelity exact file",
        "serve --exit",
        "hash a.png --server http://127.0.0.1:1",
        "lists copy name --to sqlite:/b --server http://127.0.0.1:1",
        "serve --server http://127.0.0.1:1",
        "lists ls --server http://127.0.0.1:1 --store sqlite:/tmp",
        "lists ls --server localhost:50051",
        "lists ls --store mysql:whatever",
        "no-such-command",
    ];

    [Theory]
    [MemberData(nameof(BadLines))]
    public async Task A_bad_command_line_is_an_error_that_says_what_to_do(string line)
    {
        ToolRun run = await ToolRun.RunAsync(line.Split(' '));
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadLines))]
    public async Task With_json_a_bad_command_line_is_one_json_error(string line)
    {
        ToolRun run = await ToolRun.RunAsync([.. line.Split(' '), "--json"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Out);
        using var error = JsonDocument.Parse(run.Error);
        JsonElement failure = error.RootElement.GetProperty("error");
        Assert.NotEqual("", failure.GetProperty("reason").GetString());
        Assert.NotEqual("", failure.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("lists")]
    [InlineData("entries")]
    [InlineData("versions")]
    public async Task A_group_alone_shows_its_commands(string group)
    {
        ToolRun run = await ToolRun.RunAsync(group);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{group} [command]", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_at_all_shows_the_commands()
    {
        ToolRun run = await ToolRun.RunAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("lists", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("demo-verdicts", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help()
    {
        using StringWriter none = new();
        foreach (string[] path in Paths(HashMatch.Cli.Tool.Build(ToolRun.Surroundings(none, none)), []))
        {
            ToolRun run = await ToolRun.RunAsync([.. path, "--help"]);
            Assert.Equal(0, run.ExitCode);
            Assert.Contains("Usage:", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_version_is_that_of_the_build()
    {
        ToolRun run = await ToolRun.RunAsync("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Out);
    }

    [Theory]
    [InlineData("@names.txt")]
    [InlineData("--", "-dash.jpg")]
    [InlineData("--", "--json")]
    [InlineData("[draft] a.jpg")]
    [InlineData("写真 🌅.jpg")]
    public async Task Any_name_can_be_a_file(params string[] args)
    {
        ToolRun run = await ToolRun.RunAsync(["hash", .. args]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"'{args[^1]}' does not exist", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path) => command.Subcommands
        .Where(child => !child.Hidden)
        .SelectMany(child => Paths(child, [.. path, child.Name]))
        .Prepend(path);
}
