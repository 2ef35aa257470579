using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Driving;
using HashMatch.Cli.Output;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch bench`: what this machine holds.</summary>
internal static class BenchCommand
{
    private const double Mib = 1024 * 1024;

    // Others' work on the processors from which figures are no more this machine's.
    private const double BusyShare = 0.25;

    public static Command Create(Surroundings surroundings)
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "Time of the measuring (48); drawing pictures and starting the server come on top.",
            HelpName = "N",
            DefaultValueFactory = _ => 48,
        };
        var entries = new Option<int>("--entries")
        {
            Description = "Random hashes to match against (100000).",
            HelpName = "N",
            DefaultValueFactory = _ => 100_000,
        };
        Within(seconds, 1, 86_400);
        Within(entries, 1, 100_000_000);
        var command = new Command(
            "bench",
            "Measure what this machine holds, in a minute: a server of its own over a temporary store, drawn pictures, "
            + "random hashes.")
        {
            seconds, entries,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("it starts one") is { } refused)
            {
                return session.Output.Fail(refused);
            }

            ToolOutput output = session.Output;
            var run = new SizingRun(
                new SizingOptions(TimeSpan.FromSeconds(session.Value(seconds)), session.Value(entries)),
                (work, what, done, unit) => LongWork.ShowAsync(Untyped(work), output, what, done, null, unit));
            Sizing sizing;
            try
            {
                sizing = await run.RunAsync(cancellation);
            }
            catch (InvalidOperationException e)
            {
                return output.Fail(new Failure("NOT_MEASURED", e.Message));
            }

            Write(output, sizing);
            return sizing.Bad == 0
                ? ExitCode.Ok
                : output.Fail(new Failure(
                    "BAD_ANSWERS",
                    $"{sizing.Bad} calls failed or were answered wrongly, the first: {sizing.Problem}.",
                    "Figures beside them say little. TimedOut and DecodeTimedOut: other work had the processors."));
        });
    }

    // Words that are no number are refused by the parser.
    private static void Within(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out int value)
            && (value < least || value > most))
        {
            result.AddError($"{option.Name} is {value}; it goes from {least} to {most}.");
        }
    });

    private static async Task<bool> Untyped(Task work)
    {
        await work;
        return true;
    }

    private static void Write(ToolOutput output, Sizing sizing)
    {
        if (output.Json)
        {
            output.Document(DocumentOf(sizing));
            return;
        }

        Machine machine = sizing.Machine;
        output.Line($"{machine.Processors} processors ({machine.Processor}), "
            + $"{machine.MemoryBytes / Mib / 1024:0.0} GiB, {sizing.Entries:N0} entries. "
            + "The callers were on them too.");
        output.Line();
        output.Table(
            ["UPLOADS AND HASHES", "KIB", "A SECOND", "SERVICE ALONE", "AT HALF LOAD", "P50 MS", "P99 MS"],
            [.. sizing.Uploads.Append(sizing.Hashes).Select(Row)]);
        output.Line();
        output.Table(
            ["ENTRIES", "MEMORY MIB", "WHILE BUILDING", "FITS HERE"],
            [.. sizing.Memory.Select(memory => (string[])
            [
                $"{memory.Entries:N0}", $"{memory.Bytes / Mib:N0}", $"{memory.BuildingBytes / Mib:N0}",
                Fits(memory, machine) ? "yes" : "no",
            ])]);
        output.Line();
        output.Line("A SECOND is measured, closed loop. SERVICE ALONE is computed of its CPU time: all processors");
        output.Line("for it, the callers elsewhere. Latencies are of calls made when due, not when the last one was");
        output.Line("answered. MEMORY is measured of the process and computed of the index.");
        if (sizing.LoadBefore is { } load && load > machine.Processors * BusyShare)
        {
            output.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"Other work went on before it began (load {load:0.0}): a quiet machine does more."));
        }
    }

    private static string[] Row(SizedLoad load) =>
    [
        load.What, load.Kib is { } kib ? $"{kib:N0}" : "-", Number(load.PerSecond), Number(load.ServicePerSecond),
        Number(load.HalfPerSecond), Milliseconds(load.P50), Milliseconds(load.P99),
    ];

    private static bool Fits(SizedMemory memory, Machine machine) =>
        Math.Max(memory.Bytes, memory.BuildingBytes) < machine.MemoryBytes;

    private static string Number(double number) =>
        number.ToString(number < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) =>
        time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static object DocumentOf(Sizing sizing) => new
    {
        sizing.Machine.Processors,
        sizing.Machine.Processor,
        sizing.Machine.MemoryBytes,
        sizing.LoadBefore,
        sizing.Entries,
        Uploads = sizing.Uploads.Select(DocumentOf).ToArray(),
        Hashes = DocumentOf(sizing.Hashes),
        Memory = sizing.Memory.Select(memory => new
        {
            memory.Entries,
            memory.Bytes,
            memory.BuildingBytes,
            FitsHere = Fits(memory, sizing.Machine),
        }).ToArray(),
        PeakBytes = sizing.PeakBytes,
        BadCalls = sizing.Bad,
    };

    private static object DocumentOf(SizedLoad load) => new
    {
        load.What,
        load.Kib,
        load.PerSecond,
        ServiceAlonePerSecond = load.ServicePerSecond,
        HalfLoadPerSecond = load.HalfPerSecond,
        P50Milliseconds = load.P50.TotalMilliseconds,
        P99Milliseconds = load.P99.TotalMilliseconds,
    };
}
