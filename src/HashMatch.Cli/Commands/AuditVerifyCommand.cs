using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch audit verify`: of the store's log, or of an exported one.</summary>
internal static class AuditVerifyCommand
{
    private const int MaxCheckpointBytes = 1024 * 1024 * 1024;

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "An exported log (default: the store's).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var trust = new Option<string[]>("--trust")
        {
            Description = "A public key whose checkpoints count; may be said again. There must be one then. Without it "
                + "whichever key signed counts.",
            HelpName = "PUBLICKEY-FILE",
        };
        var checkpoint = new Option<string[]>("--checkpoint")
        {
            Description = "A checkpoint, or an exported log, that was kept elsewhere: the log must go at least so far, "
                + "and be the same up to there; may be said again.",
            HelpName = "FILE",
        };
        var command = new Command(
            "verify",
            "Find what of the log was changed, deleted, moved or cut off, and what of lists and their content, callers "
                + "and exchanges is not as its records left it; name the record.")
        {
            file, trust, checkpoint,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (AuditCommand.ServerRefused(session) is { } refused)
            {
                return session.Output.Fail(refused);
            }

            List<TrustedKey> keys = [];
            foreach (string path in session.Value(trust) ?? [])
            {
                (TrustedKey? key, Failure? bad) = await KeyFiles.ReadPublicAsync(
                    path, session.Surroundings, cancellation);
                if (key is null)
                {
                    return session.Output.Fail(bad!);
                }

                keys.Add(key);
            }

            (List<ReadOnlyMemory<byte>>? kept, Failure? failure) = await KeptAsync(
                session, session.Value(checkpoint) ?? [], cancellation);
            return kept is null
                ? session.Output.Fail(failure!)
                : await RunAsync(session, session.Parsed.GetValue(file), keys, kept, cancellation);
        });
    }

    private static async Task<int> RunAsync(
        Session session,
        string? path,
        List<TrustedKey> keys,
        List<ReadOnlyMemory<byte>> kept,
        CancellationToken cancellation)
    {
        AuditReport report;
        if (path is null)
        {
            await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
            var progress = new LatestCount();
            Task<AuditReport> verifying = Task.Run(
                () => new AuditLog(store, TimeProvider.System).VerifyAsync(keys, kept, progress, cancellation),
                cancellation);
            report = await LongWork.ShowAsync(
                verifying, session.Output, "Verifying", () => progress.Value, null, "records");
        }
        else
        {
            (Stream? opened, Failure? failure) = await InputFile.OpenAsync(path, session.Surroundings, cancellation);
            await using Stream? stream = opened;
            if (stream is null)
            {
                return session.Output.Fail(failure!);
            }

            report = await AuditFile.VerifyAsync(stream, keys, kept, cancellation);
        }

        return report.FaultCount > 0
            ? AuditTables.Fail(session.Output, report, "")
            : AuditTables.Good(session.Output, report);
    }

    private static async Task<(List<ReadOnlyMemory<byte>>? Kept, Failure? Failure)> KeptAsync(
        Session session, string[] paths, CancellationToken cancellation)
    {
        List<ReadOnlyMemory<byte>> kept = [];
        foreach (string path in paths)
        {
            (byte[]? bytes, Failure? failure) = await InputFile.ReadAsync(
                path, session.Surroundings, MaxCheckpointBytes, cancellation);
            if (bytes is null)
            {
                return (null, failure);
            }

            IReadOnlyList<ReadOnlyMemory<byte>> found = AuditFile.CheckpointsOf(bytes);
            if (found.Count == 0)
            {
                return (null, new Failure(
                    "NO_CHECKPOINT",
                    $"'{path}' holds no checkpoint.",
                    "`hashmatch audit checkpoint --key FILE --to FILE` writes one."));
            }

            kept.AddRange(found);
        }

        return (kept, null);
    }
}
