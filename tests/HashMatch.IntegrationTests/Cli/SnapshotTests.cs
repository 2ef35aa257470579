using System.Diagnostics;
using HashMatch.Matching.Lists;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`lists export`, `lists import` and `keys new` as the programs that they are.</summary>
public sealed class SnapshotTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signed_snapshot_moves_lists_with_their_policy(bool throughServer)
    {
        using var from = new ToolProcess();
        await OkAsync(from, "lists", "load", "one", Csv(from, 1, 300), "--action", "review", "--max-distance", "20");
        await OkAsync(from, "lists", "load", "two", Csv(from, 2, 50));
        string key = await KeyAsync(from);
        string file = from.Folder["lists.hms"];
        ToolResult export = await OkAsync(from, "lists", "export", "one", "two", "--to", file, "--key", key, "--json");
        Assert.Equal(2, export.Json.GetProperty("lists").GetArrayLength());
        Assert.Equal(OwnerOnly, ModeOf(file));

        using var to = new ToolProcess();
        using ServedTool? served = throughServer ? await ServedTool.StartAsync(to, Cancellation) : null;
        to.Server = served?.Address;
        ToolResult import = await OkAsync(to, "lists", "import", file, "--trust", key + ".pub", "--json");
        Assert.Equal(export.Json.GetProperty("signer").GetString(), import.Json.GetProperty("signer").GetString());
        HashList one = (await to.ListAsync("one", Cancellation))!;
        Assert.Equal((await from.ListAsync("one", Cancellation))!.Policy, one.Policy);
        Assert.Equal((1, 300), (one.ActiveVersion, one.Versions[0].Entries.Pdq));
        Assert.Equal("snapshot of one, version 1", one.Versions[0].Source);
        Assert.Equal(50, (await to.ListAsync("two", Cancellation))!.Versions[0].Entries.Pdq);

        // A snapshot of the copy has the entries of the first, whatever its name.
        string again = to.Folder["again.hms"];
        to.Server = null;
        await OkAsync(to, "lists", "export", "one", "--to", again);
        await OkAsync(from, "lists", "import", again, "--as", "three", "--unsigned");
        Assert.Equal(300, (await from.ListAsync("three", Cancellation))!.Versions[0].Entries.Pdq);
    }

    [Fact]
    public async Task An_import_is_a_new_version_and_takes_the_policy_when_told()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "load", "cases", Csv(tool, 1, 60), "--max-distance", "20");
        string file = tool.Folder["lists.hms"];
        await OkAsync(tool, "lists", "export", "cases", "--to", file);
        await OkAsync(tool, "lists", "set", "cases", "--max-distance", "10");
        await OkAsync(tool, "lists", "import", file, "--unsigned");
        HashList kept = (await tool.ListAsync("cases", Cancellation))!;
        Assert.Equal((2, 10), (kept.ActiveVersion, kept.Policy.MaxDistance));
        await OkAsync(tool, "lists", "import", file, "--unsigned", "--policy");
        HashList taken = (await tool.ListAsync("cases", Cancellation))!;
        Assert.Equal((3, 20), (taken.ActiveVersion, taken.Policy.MaxDistance));
    }

    [Fact]
    public async Task What_is_not_signed_as_it_must_be_changes_nothing()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "load", "cases", Csv(tool, 1, 60));
        string key = await KeyAsync(tool);
        string other = await KeyAsync(tool, "other");
        string signed = tool.Folder["signed.hms"];
        string plain = tool.Folder["plain.hms"];
        await OkAsync(tool, "lists", "export", "cases", "--to", signed, "--key", key);
        await OkAsync(tool, "lists", "export", "cases", "--to", plain);
        string damaged = tool.Folder["damaged.hms"];
        byte[] bytes = await File.ReadAllBytesAsync(signed, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes, Cancellation);
        (string Reason, string[] Args)[] refused =
        [
            ("SIGNATURE_MISSING", [plain]),
            ("SIGNATURE_MISSING", [plain, "--trust", key + ".pub", "--unsigned"]),
            ("KEY_NOT_TRUSTED", [signed, "--trust", other + ".pub"]),
            ("DAMAGED", [damaged, "--trust", key + ".pub"]),
            ("NOT_A_SNAPSHOT", [key, "--unsigned"]),
            ("BAD_KEY", [signed, "--trust", key]),
            ("NOT_A_FILE", ["-", "--unsigned"]),
        ];
        await OkAsync(tool, "lists", "load", "harmless", Csv(tool, 2, 5), "--kind", "negative");
        ToolResult kind = await tool.RunAsync(
            Cancellation, "lists", "import", signed, "--trust", key + ".pub", "--as", "harmless", "--policy", "--json");
        Assert.Equal((1, "KIND_MISMATCH"), (kind.ExitCode, kind.Reason));
        Assert.Single((await tool.ListAsync("harmless", Cancellation))!.Versions);
        HashList before = (await tool.ListAsync("cases", Cancellation))!;
        foreach ((string reason, string[] args) in refused)
        {
            ToolResult result = await tool.RunAsync(
                Cancellation, ["lists", "import", .. args, "--as", "cases", "--json"]);
            Assert.Equal((1, reason), (result.ExitCode, result.Reason));
        }

        // A key that is configured is asked for without a word.
        tool.Set("HASHMATCH__IMPORT__TRUSTEDKEYS", other + ".pub");
        ToolResult foreign = await tool.RunAsync(Cancellation, "lists", "import", signed, "--as", "cases", "--json");
        Assert.Equal((1, "KEY_NOT_TRUSTED"), (foreign.ExitCode, foreign.Reason));
        Assert.Equal(before.Revision, (await tool.ListAsync("cases", Cancellation))!.Revision);
        tool.Set("HASHMATCH__IMPORT__TRUSTEDKEYS", key + ".pub");
        await OkAsync(tool, "lists", "import", signed, "--as", "cases");
    }

    [Fact]
    public async Task Of_two_lists_the_good_one_is_not_imported_without_the_other()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "load", "one", Csv(tool, 1, 60));
        await OkAsync(tool, "lists", "load", "two", Csv(tool, 2, 60));
        string file = tool.Folder["lists.hms"];
        await OkAsync(tool, "lists", "export", "one", "two", "--to", file);
        byte[] bytes = await File.ReadAllBytesAsync(file, Cancellation);
        await File.WriteAllBytesAsync(file, bytes[..^200], Cancellation);
        using var to = new ToolProcess();
        ToolResult result = await to.RunAsync(Cancellation, "lists", "import", file, "--unsigned", "--json");
        Assert.Equal("DAMAGED", result.Reason);
        Assert.Null(await to.ListAsync("one", Cancellation));
    }

    [Fact]
    public async Task A_private_key_that_others_may_read_is_refused_and_no_file_is_overwritten()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "load", "cases", Csv(tool, 1, 60));
        string key = await KeyAsync(tool);
        Assert.Equal(OwnerOnly, ModeOf(key));
        Assert.Equal("FILE_EXISTS", (await tool.RunAsync(Cancellation, "keys", "new", key, "--json")).Reason);
        string file = tool.Folder["lists.hms"];
        Open(key);
        ToolResult refused = await tool.RunAsync(
            Cancellation, "lists", "export", "cases", "--to", file, "--key", key, "--json");
        Assert.Equal("KEY_NOT_PRIVATE", refused.Reason);
        await OkAsync(tool, "lists", "export", "cases", "--to", file);
        ToolResult twice = await tool.RunAsync(Cancellation, "lists", "export", "cases", "--to", file, "--json");
        Assert.Equal("FILE_EXISTS", twice.Reason);
        await OkAsync(tool, "lists", "export", "cases", "--to", file, "--overwrite");
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.GetDirectoryName(file)!),
            name => name.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kill_during_an_import_leaves_the_active_version_or_the_whole_import()
    {
        using var tool = new ToolProcess();
        await OkAsync(tool, "lists", "load", "big", Csv(tool, 1, 40_000));
        string file = tool.Folder["lists.hms"];
        await OkAsync(tool, "lists", "export", "big", "--to", file);
        await OkAsync(tool, "lists", "load", "cases", Csv(tool, 2, 40_001));
        long start = Stopwatch.GetTimestamp();
        await OkAsync(tool, "lists", "import", file, "--as", "other", "--unsigned");
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        for (int i = 0; i < 4; i++)
        {
            using Process import = tool.Start("lists", "import", file, "--as", "cases", "--unsigned");
            import.StandardInput.Close();
            _ = import.StandardOutput.ReadToEndAsync(Cancellation);
            _ = import.StandardError.ReadToEndAsync(Cancellation);
            TimeSpan moment = whole * Math.Sqrt(Random.Shared.NextDouble());
            await Task.WhenAny(import.WaitForExitAsync(Cancellation), Task.Delay(moment, Cancellation));
            import.Kill();
            await import.WaitForExitAsync(Cancellation);
            HashList list = (await tool.ListAsync("cases", Cancellation))!;
            ListVersion active = list.Versions.Single(version => version.Number == list.ActiveVersion);
            Assert.Contains(active.Entries.Total, new long[] { 40_000, 40_001 });
            Assert.True(active.Number == 1 || active.Source == "snapshot of big, version 1");

            // What is active is whole: an export reads every part of it.
            await OkAsync(tool, "lists", "export", "cases", "--to", tool.Folder[$"{i}.hms"]);
        }
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? OwnerOnly : File.GetUnixFileMode(path);

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherRead);
        }
    }

    private static string Csv(ToolProcess tool, int seed, int count) =>
        tool.Write($"{seed}-{count}.csv", ListFiles.Csv(seed, count));

    private static async Task<string> KeyAsync(ToolProcess tool, string name = "key")
    {
        string path = tool.Folder[name];
        await OkAsync(tool, "keys", "new", path);
        return path;
    }

    private static async Task<ToolResult> OkAsync(ToolProcess tool, params string[] args)
    {
        ToolResult result = await tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 0, result.Error);
        return result;
    }
}
