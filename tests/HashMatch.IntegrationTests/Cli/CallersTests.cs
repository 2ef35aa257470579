using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using HashMatch.IntegrationTests.Access;
using HashMatch.IntegrationTests.Fixtures;
using HashMatch.IntegrationTests.Server;
using Xunit;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>`hashmatch callers`, and what the tool shows to a server.</summary>
public sealed class CallersTests : IDisposable
{
    private readonly ToolProcess _tool = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task From_no_caller_to_verdicts_by_key()
    {
        await using RunningServer server = await RunningServer.StartReadyAsync(
            _tool.Store, Cancellation, "--HashMatch:Access:Open=false");
        ToolResult refused = await _tool.RunAsync(Cancellation, "lists", "ls", "--server", server.Address);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("HASHMATCH__APIKEY", refused.Error, StringComparison.Ordinal);

        string editor = await KeyAsync("callers", "add", "curator", "--role", "list-editor", "--role", "auditor");
        string matcher = await KeyAsync(
            "callers", "add", "upload-service", "--role", "matcher", "--expires", "2099-01-31", "--rate", "100");
        Assert.Matches("^hm_[0-9a-f]{16}_[0-9a-f]{64}$", matcher);
        string list = _tool.Write("list.txt", Entries.RandomPdq(1), Entries.RandomPdq(2));
        _tool.Set("HASHMATCH__APIKEY", editor);
        await Eventually.TrueAsync(
            async () => (await _tool.RunAsync(
                Cancellation, "lists", "ls", "--server", server.Address)).ExitCode == 0,
            "the server knows the caller", Cancellation);
        ToolResult loaded = await _tool.RunAsync(
            Cancellation, "lists", "load", "mine", list, "--class", "csam", "--server", server.Address);
        Assert.True(loaded.ExitCode == 0, loaded.Out + loaded.Error);
        foreach (string[] command in new string[][]
        {
            ["lists", "show", "mine"], ["events"], ["quarantine", "ls"], ["lists", "set", "mine", "--action", "review"],
            ["entries", "add", "mine", "--value", Entries.RandomPdq(3)],
            ["entries", "rm", "mine", "--value", Entries.RandomPdq(3)], ["lists", "rollback", "mine"],
        })
        {
            ToolResult done = await _tool.RunAsync(Cancellation, [.. command, "--server", server.Address]);
            Assert.True(done.ExitCode == 0, string.Join(' ', command) + done.Out + done.Error);
        }

        string picture = _tool.Write("picture.png", DrawnPicture.Draw(1));
        ToolResult editorMatch = await _tool.RunAsync(Cancellation, "match", picture, "--server", server.Address);
        Assert.Equal(1, editorMatch.ExitCode);
        Assert.Contains("no role", editorMatch.Out + editorMatch.Error, StringComparison.Ordinal);

        string file = _tool.Write("matcher.key", matcher);
        Protect(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // A key of a file goes before one of the environment.
        ToolResult match = await _tool.RunAsync(
            Cancellation, "match", picture, "--server", server.Address, "--key-file", file);
        Assert.True(match.ExitCode == 0, match.Out + match.Error);
        Assert.Contains("NO_KNOWN_MATCH", match.Out, StringComparison.Ordinal);
        Protect(file, (UnixFileMode)0b110_100_100);
        ToolResult open = await _tool.RunAsync(
            Cancellation, "match", picture, "--server", server.Address, "--key-file", file);
        Assert.Contains("chmod 600", open.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callers_are_shown_changed_and_removed_and_their_keys_are_shown_once()
    {
        string key = await KeyAsync("callers", "add", "one", "--role", "matcher");
        Assert.Equal("CALLER_EXISTS", await ReasonAsync("callers", "add", "one", "--role", "matcher"));
        Assert.Equal("INVALID", await ReasonAsync("callers", "add", "two", "--role", "root"));
        Assert.Equal("INVALID", await ReasonAsync("callers", "add", "No", "--role", "matcher"));
        Assert.Equal("BAD_COMMAND_LINE", await ReasonAsync("callers", "add", "two"));
        Assert.Equal(
            "BAD_COMMAND_LINE", await ReasonAsync("callers", "add", "two", "--role", "matcher", "--expires", "x"));
        Assert.Equal("CALLER_NOT_FOUND", await ReasonAsync("callers", "set", "two", "--disabled", "true"));
        Assert.Equal("NEEDS_STORE", await ReasonAsync("callers", "ls", "--server", "http://127.0.0.1:1"));
        await RunAsync("callers", "set", "one", "--disabled", "true", "--details", "true", "--rate", "7");
        string rotated = await KeyAsync("callers", "rotate", "one", "--overlap", "01:00:00");
        Assert.NotEqual(key, rotated);
        ToolResult shown = await RunAsync("callers", "ls", "--json");
        JsonElement caller = JsonDocument.Parse(shown.Out).RootElement[0];
        Assert.Equal(("one", true, true, 7, 2), (
            caller.GetProperty("name").GetString(), caller.GetProperty("disabled").GetBoolean(),
            caller.GetProperty("details").GetBoolean(), caller.GetProperty("rate").GetInt32(),
            caller.GetProperty("keys").GetArrayLength()));
        Assert.Equal(key[3..19], caller.GetProperty("keys")[1].GetProperty("id").GetString());
        foreach (string secret in new[] { key[20..], rotated[20..] })
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(secret)));
            Assert.DoesNotContain(secret, shown.Out, StringComparison.Ordinal);
            Assert.DoesNotContain(hash, shown.Out, StringComparison.Ordinal);
            // On the disk, the hash alone.
            byte[][] files = [.. Directory.EnumerateFiles(_tool.Folder["store"]).Select(File.ReadAllBytes)];
            Assert.DoesNotContain(files, file => file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0);
            Assert.Contains(files, file => file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(hash)) >= 0);
        }

        await RunAsync("callers", "rm", "one");
        Assert.Equal("CALLER_NOT_FOUND", await ReasonAsync("callers", "rm", "one"));
    }

    [Fact]
    public async Task A_time_that_is_past_is_no_time_to_expire_at()
    {
        foreach (string past in new[] { "2001-01-31", "2001-01-31T12:00:00Z" })
        {
            ToolResult refused = await _tool.RunAsync(
                Cancellation, "callers", "add", "one", "--role", "matcher", "--expires", past);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("is past", refused.Error, StringComparison.Ordinal);
        }

        await KeyAsync("callers", "add", "one", "--role", "matcher", "--expires", "2099-01-31");
        Assert.Equal("INVALID", await ReasonAsync("callers", "set", "one", "--expires", "2001-01-31"));
        await RunAsync("callers", "set", "one", "--expires", "never");
    }

    [Fact]
    public async Task Who_sees_details_by_a_role_is_said_to_see_them()
    {
        foreach (string role in new[] { "matcher", "list-editor", "list-approver", "auditor", "metrics" })
        {
            await KeyAsync("callers", "add", role, "--role", role);
        }

        await KeyAsync("callers", "add", "told", "--role", "matcher", "--details", "true");
        string[] lines = (await RunAsync("callers", "ls")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [("auditor", "yes"), ("list-approver", "no"), ("list-editor", "yes"), ("matcher", "no"), ("metrics", "no"),
                ("told", "yes")],
            lines.Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(row => (row[0], row[2])));
        JsonElement all = JsonDocument.Parse((await RunAsync("callers", "ls", "--json")).Out).RootElement;
        Assert.Equal(
            ["auditor", "list-editor", "told"],
            all.EnumerateArray().Where(caller => caller.GetProperty("sees_details").GetBoolean())
                .Select(caller => caller.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task The_tool_dials_a_socket_in_the_file_system()
    {
        string address = $"unix:{_tool.Folder["grpc.sock"]}";
        ToolResult none = await _tool.RunAsync(Cancellation, "lists", "ls", "--json", "--server", address);
        Assert.Equal("SERVER_UNREACHABLE", none.Reason);
        Assert.Contains($"{address}: there is no such socket", none.Out + none.Error, StringComparison.Ordinal);
        await using RunningServer server = await RunningServer.StartAsync(
            _tool.Store, Cancellation, "--HashMatch:Access:Open=false", "--listen", address);
        _tool.Set("HASHMATCH__APIKEY", await KeyAsync("callers", "add", "curator", "--role", "list-editor"));
        await Eventually.TrueAsync(
            async () => (await _tool.RunAsync(Cancellation, "lists", "ls", "--server", address)).ExitCode == 0,
            "the server knows the caller", Cancellation);
        ToolResult loaded = await _tool.RunAsync(
            Cancellation, "lists", "load", "mine", _tool.Write("list.txt", Entries.RandomPdq(1)), "--server", address);
        Assert.True(loaded.ExitCode == 0, loaded.Out + loaded.Error);
        Assert.Equal("BAD_SERVER_ADDRESS", await ReasonAsync("lists", "ls", "--server", "unix:grpc.sock"));
        Assert.Equal(
            "BAD_SERVER_ADDRESS", await ReasonAsync("lists", "ls", "--server", $"unix:/{new string('x', 200)}"));
    }

    [Fact]
    public async Task A_key_made_for_settings_is_a_caller_of_them()
    {
        JsonElement made = JsonDocument.Parse((await RunAsync("callers", "key", "--json")).Out).RootElement;
        await using RunningServer server = await RunningServer.StartReadyAsync(
            _tool.Store, Cancellation, "--HashMatch:Access:Open=false",
            $"--HashMatch:Access:Callers:ci:KeyId={made.GetProperty("key_id").GetString()}",
            $"--HashMatch:Access:Callers:ci:KeyHash={made.GetProperty("key_hash").GetString()}",
            "--HashMatch:Access:Callers:ci:Roles:0=list-editor");
        _tool.Set("HASHMATCH__APIKEY", made.GetProperty("key").GetString()!);
        await RunAsync("lists", "ls", "--server", server.Address);
    }

    [Fact]
    public async Task The_tool_shows_a_certificate_and_trusts_the_authority_that_it_is_given()
    {
        using var authority = new TestAuthority("callers");
        using X509Certificate2 ours = authority.Server("CN=server");
        using X509Certificate2 client = authority.Client("CN=curator, O=Example");
        string ca = _tool.Write("ca.pem", authority.Pem);
        (string Certificate, string Key) serverFiles = WritePem("server", ours);
        (string Certificate, string Key) files = WritePem("client", client);
        await using RunningServer server = await RunningServer.StartAsync(
            _tool.Store, Cancellation, "--HashMatch:Access:Open=false", "--listen", "https://127.0.0.1:0",
            "--listen-json", "", $"--HashMatch:Tls:CertificatePath={serverFiles.Certificate}",
            $"--HashMatch:Tls:KeyPath={serverFiles.Key}", $"--HashMatch:Access:Certificates:CaPath={ca}",
            "--HashMatch:Access:Certificates:Subjects:0:Subject=CN=curator,O=Example",
            "--HashMatch:Access:Certificates:Subjects:0:Roles:0=list-editor");
        string[] shown = ["--client-cert", files.Certificate, "--client-key", files.Key, "--ca", ca];
        await Eventually.TrueAsync(
            async () => (await _tool.RunAsync(
                Cancellation, ["lists", "ls", "--server", server.Address, .. shown])).ExitCode == 0,
            "the server knows the certificate", Cancellation);
        Assert.Equal("CREDENTIAL_MISSING", await ReasonAsync("lists", "ls", "--server", server.Address, "--ca", ca));
        Assert.Equal("SERVER_UNTRUSTED", await ReasonAsync("lists", "ls", "--server", server.Address));
        Assert.Equal("BAD_CERTIFICATE", await ReasonAsync(
            "lists", "ls", "--server", server.Address, "--ca", files.Key));
        Assert.Equal("NEEDS_TLS", await ReasonAsync(["lists", "ls", "--server", "http://127.0.0.1:1", .. shown]));
        string socket = $"unix:{_tool.Folder["grpc.sock"]}";
        ToolResult plain = await _tool.RunAsync(Cancellation, ["lists", "ls", "--server", socket, .. shown]);
        Assert.Contains($"'{socket}'", plain.Out + plain.Error, StringComparison.Ordinal);
        _tool.Set("HASHMATCH__APIKEY", "hm_short");
        Assert.Equal("BAD_KEY", await ReasonAsync("lists", "ls", "--server", server.Address));
        _tool.Set("HASHMATCH__APIKEY", Matching.Access.ApiKey.Create().Reveal());
        Assert.Equal("NEEDS_TLS", await ReasonAsync("lists", "ls", "--server", "http://192.0.2.1:1"));
    }

    [Fact]
    public async Task A_server_without_callers_says_how_to_add_the_first_one()
    {
        // The tool's own variable is none of the server's settings.
        _tool.Set("HASHMATCH__APIKEY", Matching.Access.ApiKey.Create().Reveal());
        using System.Diagnostics.Process serve = _tool.Start(
            "serve", "--listen", ServedTool.FreeAddress(), "--listen-json", ServedTool.FreeAddress());
        string said = "";
        while (!said.Contains("hashmatch callers add", StringComparison.Ordinal))
        {
            string? line = await serve.StandardOutput.ReadLineAsync(Cancellation);
            Assert.True(line is not null, said);
            said += line + "\n";
        }

        ToolProcess.Terminate(serve);
        await serve.WaitForExitAsync(Cancellation);
        using System.Diagnostics.Process open = _tool.Start(
            "serve", "--open", "--listen", "http://0.0.0.0:1", "--listen-json", "", "--",
            "--HashMatch:AllowPlaintext=true");
        ToolResult refused = await ToolProcess.RunAsync(open, Cancellation);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("HashMatch:Access:Open", refused.Error, StringComparison.Ordinal);
    }

    private static void Protect(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private (string Certificate, string Key) WritePem(string name, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return (
            _tool.Write($"{name}.pem", certificate.ExportCertificatePem()),
            _tool.Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private async Task<ToolResult> RunAsync(params string[] args)
    {
        ToolResult result = await _tool.RunAsync(Cancellation, args);
        Assert.True(result.ExitCode == 0, string.Join(' ', args) + result.Out + result.Error);
        return result;
    }

    private async Task<string> KeyAsync(params string[] args) => (await RunAsync(args)).Out.Trim();

    private async Task<string> ReasonAsync(params string[] args)
    {
        ToolResult result = await _tool.RunAsync(Cancellation, [.. args, "--json"]);
        Assert.Equal(1, result.ExitCode);
        return result.Reason!;
    }
}
