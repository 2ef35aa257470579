using System.CommandLine;
using System.Globalization;
using Grpc.Core;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Cli.Verdicts;
using HashMatch.Imaging;
using HashMatch.Matching;
using HashMatch.Matching.Stores;
using HashMatch.Uploads;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch match`: a verdict on each image.</summary>
internal static class MatchCommand
{
    private static readonly int[] Widths = [14, 6, 8, 7, 24, 24, 0];

    public static Command Create(Surroundings surroundings)
    {
        var uploads = new UploadArguments();
        var dihedral = new Option<bool>("--dihedral")
        {
            Description = "Match all eight rotations and reflections.",
        };
        var whenIndeterminate = new Option<string>("--when-indeterminate")
        {
            Description = "The action for an image that the server could not evaluate, instead of an error; with "
                + "--server.",
            HelpName = "hold|allow|review",
        };
        whenIndeterminate.AcceptOnlyFromAmong("hold", "allow", "review");
        var command = new Command(
            "match",
            "Match images against the active lists of the store (no event is recorded) or of a server. Exits with 2 "
            + "when any matched, else 1 when any could not be looked up, else 0.");
        uploads.AddTo(command);
        command.Add(dihedral);
        command.Add(whenIndeterminate);
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            UploadOptions options = uploads.OptionsOf(session, session.Value(dihedral));
            string[] files = session.Value(uploads.Files);
            if (session.ServerAddress is { } address)
            {
                await using var server = new ServerVerdicts(
                    await session.OpenChannelAsync(address, cancellation), session.Value(whenIndeterminate));
                return await RunAsync(session, files, server, options, cancellation);
            }

            if (session.Value(whenIndeterminate) is not null)
            {
                return session.Output.Fail(new Failure(
                    "BAD_COMMAND_LINE", "--when-indeterminate goes with --server: a store is matched here, at once."));
            }

            await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
            await using LocalVerdicts local = await LocalVerdicts.OpenAsync(store, cancellation);
            return await RunAsync(session, files, local, options, cancellation);
        });
    }

    /// <summary>The exit code of one verdict.</summary>
    internal static int ExitCodeOf(Outcome outcome) => outcome switch
    {
        Outcome.Exact or Outcome.Near => ExitCode.Match,
        Outcome.NoKnownMatch => ExitCode.Ok,
        _ => ExitCode.Error,
    };

    /// <summary>The exit code of two results: any match wins, then any error.</summary>
    internal static int Worse(int first, int second) =>
        first == ExitCode.Match || second == ExitCode.Match ? ExitCode.Match : Math.Max(first, second);

    private static async Task<int> RunAsync(
        Session session, string[] files, IVerdicts verdicts, UploadOptions options, CancellationToken cancellation)
    {
        int maxBytes = new ImageLimits().MaxImageBytes;
        int exit = ExitCode.Ok;
        if (!session.Output.Json)
        {
            session.Output.Row(["OUTCOME", "ACTION", "DISTANCE", "QUALITY", "LIST", "EXTERNAL ID", "FILE"], Widths);
        }

        await foreach ((string file, (UploadAnswer? answer, Failure? failure)) in InOrder.RunAsync(
            files,
            (file, token) => MatchAsync(session, file, verdicts, options, maxBytes, token),
            Environment.ProcessorCount,
            cancellation))
        {
            if (answer is null)
            {
                exit = Worse(exit, session.Output.Fail(failure!, file));
            }
            else if (answer.Verdict is { } verdict)
            {
                exit = Worse(exit, ExitCodeOf(verdict.Outcome));
                Write(session.Output, file, verdict);
            }
            else
            {
                exit = Worse(exit, ExitCode.Error);
                Write(session.Output, file, answer.Indeterminate!);
            }
        }

        return exit;
    }

    private static async Task<(UploadAnswer? Answer, Failure? Failure)> MatchAsync(
        Session session,
        string file,
        IVerdicts verdicts,
        UploadOptions options,
        int maxBytes,
        CancellationToken cancellation)
    {
        (byte[]? bytes, Failure? failure) =
            await InputFile.ReadAsync(file, session.Surroundings, maxBytes, cancellation);
        if (bytes is null)
        {
            return (null, failure);
        }

        try
        {
            return (await verdicts.MatchAsync(bytes, options, cancellation), null);
        }
        catch (RpcException exception) when (
            exception.StatusCode is StatusCode.InvalidArgument or StatusCode.ResourceExhausted)
        {
            // About this file alone: the next one may well be taken.
            return (null, Failure.Of(exception));
        }
    }

    private static void Write(ToolOutput output, string file, IndeterminateAnswer answer)
    {
        if (output.Json)
        {
            output.DocumentLine(Documents.Of(file, answer));
            return;
        }

        output.Row([IndeterminateAnswer.Outcome, answer.Action, "-", "-", answer.Reason, "-", file], Widths);
    }

    private static void Write(ToolOutput output, string file, Verdict verdict)
    {
        if (output.Json)
        {
            output.DocumentLine(Documents.Of(file, verdict));
            return;
        }

        string outcome = Words.Of(verdict.Outcome);
        string quality = verdict.Hash is null ? "-" : verdict.Quality.ToString(CultureInfo.InvariantCulture);
        string action = Words.Of(verdict.Action);
        if (verdict.Matches.Count == 0)
        {
            string why = verdict.Reason == UnhashableReason.None ? "-" : Words.Of(verdict.Reason);
            output.Row([outcome, action, "-", quality, why, "-", file], Widths);
            WriteNotes(output, file, verdict);
            return;
        }

        foreach (Match match in verdict.Matches)
        {
            if (match.List.Length == 0)
            {
                // A server that tells this caller no more.
                string of = match.ListClass.Length == 0 ? "-" : $"class {match.ListClass}";
                output.Row([outcome, Words.Of(match.Action), "-", quality, of, "-", file], Widths);
                continue;
            }

            string distance = match.Distance.ToString(CultureInfo.InvariantCulture);
            string list = $"{match.List}/{match.ListVersion}";
            string externalId = match.ExternalId.Length == 0 ? "-" : match.ExternalId;
            string how = Words.Of(match.Type == HashType.Pdq ? Outcome.Near : Outcome.Exact);
            string what = file + Words.Behind(
                match.Frame, match.Rendition == QueryRendition.Whole, Words.Of(match.Rendition));
            output.Row([how, Words.Of(match.Action), distance, quality, list, externalId, what], Widths);
        }

        WriteNotes(output, file, verdict);
    }

    private static void WriteNotes(ToolOutput output, string file, Verdict verdict)
    {
        foreach (SuppressedMatch each in verdict.Suppressed.Where(each => !each.Shadow))
        {
            output.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{file}: a match of {each.Match.List}/{each.Match.ListVersion} at distance {each.Match.Distance} is "
                + $"suppressed by {each.ByList}/{each.ByListVersion}."));
        }

        if (verdict.Truncated)
        {
            output.Note($"{file}: there were more matches than are shown.");
        }
    }
}
