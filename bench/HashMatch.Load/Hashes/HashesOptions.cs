using System.CommandLine;
using HashMatch.Cli.Driving;
using HashMatch.Cli.Serving;
using HashMatch.Load.Words;

namespace HashMatch.Load.Hashes;

/// <summary>What to send, and to whom.</summary>
internal sealed record HashesOptions
{
    /// <summary>Null: a server is started.</summary>
    public string? Address { get; init; }

    /// <summary>Of the started server; 0 when what the server holds is not known.</summary>
    public int Entries { get; init; }

    public int Queries { get; init; }

    public int InFlight { get; init; }

    public int Connections { get; init; }

    public TimeSpan Measured { get; init; }

    public TimeSpan WarmUp { get; init; }

    /// <summary>0 to 1.</summary>
    public double Near { get; init; }

    /// <summary>Whether hashes go as text.</summary>
    public bool Hex { get; init; }

    public int Seed { get; init; }

    /// <summary>A picture that is uploaded beside the hashes; null for none.</summary>
    public string? Upload { get; init; }

    /// <summary>The assembly of the server that is started.</summary>
    public string Server { get; init; } = "";

    /// <summary>Arguments of the started server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public ServerOrder Order => new()
    {
        Entries = Entries,
        Seed = Seed,
        Settings = Settings,
        Assembly = Server,
    };

    public static Command Create(Func<HashesOptions, CancellationToken, Task<int>> run)
    {
        Option<string?> address = NamedOptions.Address();
        Option<int> entries = NamedOptions.Number(
            "--entries", 1_000_000, 1, 200_000_000, "Random balanced PDQ hashes of the started server's one list.");
        Option<int> queries = NamedOptions.Number("--queries", 1000, 1, 10_000, "Hashes of a call.");
        Option<int> inFlight = NamedOptions.Number(
            "--in-flight", 4, 1, 10_000, "Calls on their way at a time, over all connections.");
        Option<int> connections = NamedOptions.Number("--connections", 1, 1, 1000, "HTTP/2 connections.");
        Option<TimeSpan> seconds = NamedOptions.Seconds("--seconds", 10, "Measured time.");
        Option<TimeSpan> warmUp = NamedOptions.Seconds(
            "--warm-up", 15, "Time before it, for the compilers of both processes.");
        Option<double> near = NamedOptions.Share(
            "--near", 0.01, "Share of queries that are planted near an entry; none with --address.");
        Option<bool> hex = new("--hex") { Description = "Send hashes as 64 hex digits, not as 32 bytes." };
        Option<int> seed = NamedOptions.Number("--seed", 1, 0, int.MaxValue, "Another set of entries and queries.");
        Option<string?> upload = NamedOptions.File(
            "--upload", "Beside the hashes, one caller on a connection of its own uploads this picture.");
        Option<string?> server = NamedOptions.File(
            "--server", "HashMatch.Server.dll of another build, to compare with.");
        Option<string[]> settings = NamedOptions.Settings();
        var command = new Command("hashes", "Ready-made hashes through MatchHashes, with every answer checked.")
        {
            address, entries, queries, inFlight, connections, seconds, warmUp, near, hex, seed, upload, server,
            settings,
        };
        command.SetAction((parsed, cancellation) =>
        {
            bool isKnown = parsed.GetValue(address) is null;
            var options = new HashesOptions
            {
                Address = parsed.GetValue(address),
                Entries = isKnown ? parsed.GetValue(entries) : 0,
                Queries = parsed.GetValue(queries),
                InFlight = parsed.GetValue(inFlight),
                Connections = parsed.GetValue(connections),
                Measured = parsed.GetValue(seconds),
                WarmUp = parsed.GetValue(warmUp),
                Near = isKnown ? parsed.GetValue(near) : 0,
                Hex = parsed.GetValue(hex),
                Seed = parsed.GetValue(seed),
                Upload = parsed.GetValue(upload),
                Server = Path.GetFullPath(parsed.GetValue(server) ?? Programs.ServerAssembly),
                Settings = parsed.GetValue(settings)!,
            };
            return run(options, cancellation);
        });
        return command;
    }
}
