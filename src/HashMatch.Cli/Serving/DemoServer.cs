using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Cli.Verdicts;
using HashMatch.Matching;
using HashMatch.Uploads;

namespace HashMatch.Cli.Serving;

/// <summary>A server with the sample list, and the verdicts that it gives on the sample pictures.</summary>
/// <param name="output">Where to show them.</param>
/// <param name="address">The server's gRPC address.</param>
/// <param name="serverId">Its process id.</param>
/// <param name="isAlive">Whether it still runs.</param>
internal sealed class DemoServer(ToolOutput output, string address, int serverId, Func<bool> isAlive)
{
    /// <summary>The name of the sample list.</summary>
    public const string List = "sample";

    /// <summary>Where the server serves gRPC unless said otherwise.</summary>
    public const string DefaultListen = "http://127.0.0.1:50051";

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The address to call a server at that listens on <paramref name="listen"/>.</summary>
    /// <exception cref="FailureException">The port is chosen by the system.</exception>
    public static string AddressOf(string listen)
    {
        string known = listen.Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//[::]", "//[::1]", StringComparison.Ordinal);
        return Uri.TryCreate(known, UriKind.Absolute, out Uri? uri) && uri.Port == 0
            ? throw new FailureException(new Failure(
                "BAD_COMMAND_LINE", "--demo needs a port of its own to find the server at; 0 is any."))
            : known;
    }

    /// <summary>Whether something listens there already, whose verdicts would be taken for ours.</summary>
    public static async Task<bool> IsTakenAsync(string address, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            return false;
        }

        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(uri.Host, uri.Port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits until the server serves, uploads the sample pictures and shows the verdicts.</summary>
    /// <param name="goesOn">Whether the server serves on after it, so that a person is told how to go on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Ok when every verdict is the one that the picture's name promises.</returns>
    public async Task<int> ShowVerdictsAsync(bool goesOn, CancellationToken cancellation)
    {
        if (!await ServesAsync(cancellation))
        {
            return output.Fail(new Failure(
                "SERVER_NOT_READY",
                isAlive() ? "The server did not become ready." : "The server ended before it was ready.",
                "Its messages above say why."));
        }

        string folder = Path.Combine(Programs.Hashsets, "pictures");
        string[] files = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(IsPicture).Order(StringComparer.Ordinal)]
            : [];
        List<string[]> rows = [];
        List<object> documents = [];
        List<string> unexpected = [];
        await using var verdicts = new ServerVerdicts(Endpoint.Open(address, ServerCredentials.None));
        if (Array.Find(files, file => Promised(Path.GetFileName(file), false) == Outcome.NoKnownMatch) is { } first)
        {
            // The first call compiles this process's client; a picture without a match records no event.
            await verdicts.MatchAsync(await File.ReadAllBytesAsync(first, cancellation), new(), cancellation);
        }

        foreach ((string file, bool dihedral) in files.SelectMany(Ways))
        {
            string name = Path.GetFileName(file) + (dihedral ? " --dihedral" : "");
            byte[] image = await File.ReadAllBytesAsync(file, cancellation);
            long start = Stopwatch.GetTimestamp();
            UploadAnswer answer =
                await verdicts.MatchAsync(image, new UploadOptions { Dihedral = dihedral }, cancellation);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (answer.Verdict is not { } verdict)
            {
                unexpected.Add($"{name} is {IndeterminateAnswer.Outcome} {answer.Indeterminate!.Reason}");
                continue;
            }

            rows.Add(Row(name, verdict, milliseconds));
            documents.Add(new { Verdict = Documents.Of(name, verdict), Milliseconds = Math.Round(milliseconds, 2) });
            if (Promised(name, dihedral) is { } promised && promised != verdict.Outcome)
            {
                unexpected.Add($"{name} is {Words.Of(verdict.Outcome)}, not {Words.Of(promised)}");
            }
        }

        Write(rows, documents, goesOn);
        return files.Length == 0 || unexpected.Count > 0
            ? output.Fail(new Failure(
                "UNEXPECTED_VERDICTS",
                files.Length == 0 ? $"There are no pictures in {folder}." : string.Join("; ", unexpected) + ".",
                $"Was list '{List}' changed? `hashmatch lists rm {List}` lets --demo load it again."))
            : ExitCode.Ok;
    }

    private static bool IsPicture(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG" or ".WEBP" or ".GIF" or ".TIF"
            or ".TIFF" or ".AVIF";

    /// <summary>A rotated picture is found by its eight orientations only, so it is shown both ways.</summary>
    private static IEnumerable<(string File, bool Dihedral)> Ways(string file) =>
        Path.GetFileName(file).StartsWith("rotated", StringComparison.Ordinal)
            ? [(file, false), (file, true)]
            : [(file, false)];

    private static Outcome? Promised(string name, bool dihedral) => name.Split('-', '.')[0] switch
    {
        "exact" => Outcome.Exact,
        "near" => Outcome.Near,
        "no" => Outcome.NoKnownMatch,
        "rotated" => dihedral ? Outcome.Near : Outcome.NoKnownMatch,
        "unhashable" => Outcome.Unhashable,
        _ => null,
    };

    private static string[] Row(string name, Verdict verdict, double milliseconds)
    {
        Match? match = verdict.Matches.Count > 0 ? verdict.Matches[0] : null;
        return
        [
            name,
            Words.Of(verdict.Outcome),
            Words.Of(verdict.Action),
            match?.List ?? "-",
            match?.ExternalId ?? "-",
            match?.Distance.ToString(CultureInfo.InvariantCulture) ?? "-",
            milliseconds.ToString("0.0", CultureInfo.InvariantCulture),
        ];
    }

    private void Write(List<string[]> rows, List<object> documents, bool goesOn)
    {
        if (output.Json)
        {
            output.Document(new { Server = address, ServerPid = serverId, Verdicts = documents });
        }
        else
        {
            output.Table(["FILE", "OUTCOME", "ACTION", "LIST", "EXTERNAL ID", "DISTANCE", "MS"], rows);
            if (!goesOn)
            {
                output.Flush();
                return;
            }

            output.Line($"The service is at {address} (process {serverId}; Ctrl-C stops it). Go on with:");
            output.Line($"  hashmatch match --server {address} FILE...");
            output.Line("  hashmatch lists load NAME FILE");
        }

        output.Flush();
    }

    private async Task<bool> ServesAsync(CancellationToken cancellation)
    {
        using GrpcChannel channel = Endpoint.Open(address, ServerCredentials.None);
        var health = new Health.HealthClient(channel);
        long start = Stopwatch.GetTimestamp();
        while (isAlive() && Stopwatch.GetElapsedTime(start) < Patience)
        {
            try
            {
                HealthCheckResponse response =
                    await health.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellation);
                if (response.Status == HealthCheckResponse.Types.ServingStatus.Serving)
                {
                    return true;
                }
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                // Not listening yet.
            }

            await Task.Delay(PollEvery, cancellation);
        }

        return false;
    }
}
