using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using HashMatch.Cli;
using HashMatch.Cli.Driving;
using HashMatch.Load.Words;

namespace HashMatch.Load.Drive;

/// <summary>What is measured, and of whom.</summary>
internal sealed record DriveOptions
{
    // Of uploads that a platform takes in, so many match.
    private const double UsualHitRate = 4.3 / 100_000;

    public IReadOnlyList<LoadCase> Cases { get; init; } = [];

    public TargetSpec A { get; init; } = TargetSpec.Own;

    /// <summary>Null: A alone is measured.</summary>
    public TargetSpec? B { get; init; }

    /// <summary>Whether the running services hold the list that <see cref="ListTo"/> has written.</summary>
    public bool IsListed { get; init; }

    /// <summary>Where the list goes that a running service must hold; nothing is measured then.</summary>
    public string? ListTo { get; init; }

    public int Entries { get; init; } = 100_000;

    public double HitRate { get; init; } = UsualHitRate;

    public int Seed { get; init; } = 1;

    public UploadMethod Method { get; init; }

    public int InFlight { get; init; } = 8;

    public int Connections { get; init; } = 1;

    public ServerTransport Transport { get; init; }

    /// <summary>A PEM file of the authority of a running server's certificate; null for the system's.</summary>
    public string? Authority { get; init; }

    public int Rounds { get; init; } = 3;

    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of the open loop, as shares of what the closed loop came to; none for no open loop.</summary>
    public IReadOnlyList<double> Loads { get; init; } = [0.5];

    /// <summary>Where results go; null for the tables alone, on the console.</summary>
    public string? Results { get; init; }

    /// <summary>Whether the project's goals stand beside the figures.</summary>
    public bool HasGoals { get; init; }

    /// <summary>Arguments of the started servers.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Shown to running servers; null for none.</summary>
    [JsonIgnore]
    public string? ApiKey { get; init; }

    /// <summary>Whether what the services' lists hold is known, so that answers can be checked.</summary>
    [JsonIgnore]
    public bool IsKnown => IsListed || (A.Address is null && B?.Address is null);

    public static Command Create(Func<DriveOptions, CancellationToken, Task<int>> run)
    {
        var cases = new Argument<LoadCase[]>("CASE")
        {
            Description = "What is sent, each in its turn: WIDTHxHEIGHT[:FORMAT] or hashes[:N]; a mix of them by "
                + "comma, with weights: 1024x768:jpeg=70,512x512:png=20,4000x3000:jpeg=10. Formats: jpeg, png, webp, "
                + "gif, tiff, avif.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                try
                {
                    return [.. result.Tokens.Select(token => LoadCase.Parse(token.Value))];
                }
                catch (FormatException e)
                {
                    result.AddError(
                        $"'{string.Join(' ', result.Tokens.Select(token => token.Value))}' has no such case; expected "
                        + e.Message);
                    return [];
                }
            },
        };
        const string targets = "`self`, HashMatch.Server.dll of another build, http://HOST:PORT, https://HOST:PORT, "
            + "unix:PATH, or hma:URL for Hasher-Matcher-Actioner.";
        Option<TargetSpec?> a = NamedOptions.Read<TargetSpec?>(
            "--a", "TARGET", TargetSpec.Own, "The service: " + targets, TargetSpec.Parse);
        Option<TargetSpec?> b = NamedOptions.Read<TargetSpec?>(
            "--b", "TARGET", null, "One to compare it with, in turn with it in the same run.", TargetSpec.Parse);
        Option<bool> listed = new("--listed")
        {
            Description = "Running services hold the list of --list-to, of the same cases, entries and seed; without "
                + "it it is not known what must match.",
        };
        Option<string?> listTo = NamedOptions.Text(
            "--list-to", "FILE", "Write the list that a service must hold, as CSV, and measure nothing.");
        Option<int> entries = NamedOptions.Number(
            "--entries", 100_000, 1, 200_000_000, "Random balanced PDQ hashes of the list.");
        Option<double> hitRate = NamedOptions.Share("--hit-rate", UsualHitRate, "Share of uploads that must match.");
        Option<int> seed = NamedOptions.Number(
            "--seed", 1, 0, 10_000, "Other entries, pictures, hashes and moments.");
        Option<UploadMethod> method = NamedOptions.Word(
            "--method", UploadMethod.Unary,
            "How pictures go to a HashMatch: in one message, in chunks, or in streams.");
        Option<int> inFlight = NamedOptions.Number("--in-flight", 8, 1, 10_000, "Calls at a time, of the closed loop.");
        Option<int> connections = NamedOptions.Number("--connections", 1, 1, 1000, "HTTP/2 connections.");
        Option<ServerTransport> transport = NamedOptions.Word(
            "--transport", ServerTransport.H2c, "How started servers are spoken to.");
        Option<string?> authority = NamedOptions.File(
            "--ca", "PEM of the authority that signed a running server's certificate.");
        Option<int> rounds = NamedOptions.Number(
            "--rounds", 3, 1, 1000, "Times that everything is measured, A and B in turn; 5 or more for an interval.");
        Option<TimeSpan> seconds = NamedOptions.Seconds("--seconds", 10, "Each time, of each loop.");
        Option<TimeSpan> warmUp = NamedOptions.Seconds("--warm-up", 10, "Before each case, for the compilers.");
        Option<double[]> loads = NamedOptions.Read(
            "--loads", "SHARES", (double[])[0.5],
            "Loads of the open loop, by comma, as shares of the closed loop's calls a second (of the slower one's, "
            + "where there are two); 0 for none.", LoadsOf);
        Option<string?> results = NamedOptions.Text(
            "--results", "FOLDER", "Write results.json, results.md and plots there.");
        Option<bool> goals = new("--goals") { Description = "Show the project's goals beside what was measured of A." };
        Option<string[]> settings = NamedOptions.Settings();
        var command = new Command(
            "drive",
            "Drives a service end to end: what it answers in a closed loop, then how long it takes in an open loop, "
            + "where calls are made when they are due, whatever became of those before. Every answer is checked.")
        {
            cases, a, b, listed, listTo, entries, hitRate, seed, method, inFlight, connections, transport, authority,
            rounds, seconds, warmUp, loads, results, goals, settings,
        };
        command.SetAction((parsed, cancellation) => run(
            new DriveOptions
            {
                Cases = parsed.GetRequiredValue(cases),
                A = parsed.GetValue(a) ?? TargetSpec.Own,
                B = parsed.GetValue(b),
                IsListed = parsed.GetValue(listed),
                ListTo = parsed.GetValue(listTo),
                Entries = parsed.GetValue(entries),
                HitRate = parsed.GetValue(hitRate),
                Seed = parsed.GetValue(seed),
                Method = parsed.GetValue(method),
                InFlight = parsed.GetValue(inFlight),
                Connections = parsed.GetValue(connections),
                Transport = parsed.GetValue(transport),
                Authority = parsed.GetValue(authority),
                Rounds = parsed.GetValue(rounds),
                Measured = parsed.GetValue(seconds),
                WarmUp = parsed.GetValue(warmUp),
                Loads = parsed.GetRequiredValue(loads),
                Results = parsed.GetValue(results),
                HasGoals = parsed.GetValue(goals),
                Settings = parsed.GetRequiredValue(settings),
                ApiKey = Environment.GetEnvironmentVariable(GlobalOptions.KeyVariable),
            },
            cancellation));
        return command;
    }

    private static double[] LoadsOf(string text)
    {
        var loads = new List<double>();
        foreach (string word in text.Split(','))
        {
            bool isNumber = double.TryParse(
                word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double load);
            if (!isNumber || load is < 0 or > 20)
            {
                return NamedOptions.Bad<double[]>("numbers from 0 to 20 by comma, such as 0.25,0.5,0.9");
            }

            loads.Add(load);
        }

        return [.. loads.Where(load => load > 0).Order()];
    }
}
