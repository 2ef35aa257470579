using System.CommandLine;
using HashMatch.Cli;
using HashMatch.Load.Broken;
using HashMatch.Load.Drive;
using HashMatch.Load.Hashes;
using HashMatch.Load.Outage;
using HashMatch.Load.Overload;
using HashMatch.Load.Redis;
using HashMatch.Load.Scale;
using HashMatch.Load.Soak;

namespace HashMatch.Load.Words;

/// <summary>The program: parses, measures, puts failures into words.</summary>
internal static class LoadTool
{
    /// <summary>All went as it must, and right.</summary>
    public const int Right = 0;

    /// <summary>A call failed, an answer was wrong, or a goal that the measurement holds to was missed.</summary>
    public const int Wrong = 1;

    /// <summary>Words that are not understood.</summary>
    public const int Misused = 2;

    /// <summary>Runs one measurement.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var root = new RootCommand(
            "Measures the service from outside. Exit code 0: every call was answered, and rightly, and what the "
            + "measurement holds to was held; 1: not so; 2: words that are not understood.")
        {
            DriveOptions.Create((options, end) => new DriveCommand(options, output, error).RunAsync(end)),
            HashesOptions.Create(HashesCommand.RunAsync),
            OverloadOptions.Create(OverloadCommand.RunAsync),
            BrokenOptions.Create(BrokenCommand.RunAsync),
            SoakOptions.Create((options, _) => SoakCommand.RunAsync(options)),
            RedisOptions.Create((options, _) => RedisCommand.RunAsync(options)),
            ScaleOptions.Create((options, end) => ScaleCommand.RunAsync(options, output, end)),
            OutageOptions.Create(OutageCommand.RunAsync),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(each => each.Message).Distinct())
            {
                await error.WriteLineAsync(message);
            }

            await error.WriteLineAsync("--help says what is understood.");
            return Misused;
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            Output = output,
            Error = error,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Interrupted.");
            return Wrong;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or FailureException)
        {
            await error.WriteLineAsync(e.Message);
            return Wrong;
        }
    }
}
