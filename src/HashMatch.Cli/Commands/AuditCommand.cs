using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching.Auditing;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch audit`: who changed what, and whether the log of it is as it was written.</summary>
internal static class AuditCommand
{
    private const int DefaultRecords = 100;

    public static Command Create(Surroundings surroundings) =>
        new("audit", "The log of all changes: shown, verified, signed, exported.")
        {
            Ls(surroundings),
            AuditVerifyCommand.Create(surroundings),
            Checkpoint(surroundings),
            Export(surroundings),
        };

    /// <summary>Why a command of the store cannot go through a server; null when it is not asked to.</summary>
    internal static Failure? ServerRefused(Session session) =>
        session.ServerRefused("a server only shows the log; name the store with --store");

    private static Command Ls(Surroundings surroundings)
    {
        var list = new Option<string?>("--list") { Description = "Of this list alone.", HelpName = "NAME" };
        var after = new Option<long?>("--after")
        {
            Description = "Only records behind this one (default: the newest).",
            HelpName = "N",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "Most records, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultRecords,
        };
        var command = new Command("ls", "Records of the log, oldest first.") { list, after, limit };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.Value(limit) is < 1 or > AuditLog.MaxRecords || session.Value(after) < 0)
            {
                return session.Output.Fail(new Failure(
                    "INVALID", "--limit must be 1 to 1000, and --after the number of a record."));
            }

            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            IReadOnlyList<AuditView> records = await curator.ReadAuditAsync(
                session.Value(after) ?? -1, session.Value(limit), session.Value(list), cancellation);
            AuditTables.Write(session.Output, records);
            return ExitCode.Ok;
        });
    }

    private static Command Checkpoint(Surroundings surroundings)
    {
        var key = new Option<string>("--key")
        {
            Description = "The private key that signs; see `hashmatch keys new`.",
            HelpName = "FILE",
            Required = true,
        };
        var to = new Option<string?>("--to")
        {
            Description = "Write the newest checkpoint to this file too, to be kept elsewhere.",
            HelpName = "FILE",
        };
        var command = new Command("checkpoint", "Verify what is new in the log, and sign where it stands.") { key, to };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (ServerRefused(session) is { } refused)
            {
                return session.Output.Fail(refused);
            }

            (SigningKey? signing, Failure? failure) = await KeyFiles.ReadPrivateAsync(
                session.Value(key)!, session.Surroundings, cancellation);
            if (signing is null)
            {
                return session.Output.Fail(failure!);
            }

            using (signing)
            {
                await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
                return await SignAsync(
                    session, new AuditLog(store, TimeProvider.System), signing, session.Value(to), cancellation);
            }
        });
    }

    private static async Task<int> SignAsync(
        Session session, AuditLog log, SigningKey key, string? to, CancellationToken cancellation)
    {
        AuditSigning signing = await log.SignAsync(key, cancellation);
        if (signing.Report.FaultCount > 0)
        {
            return AuditTables.Fail(session.Output, signing.Report, "Nothing was signed.");
        }

        AuditCheckpoint? newest = signing.Made ?? await log.ReadCheckpointAsync(cancellation);
        if (newest is null)
        {
            return session.Output.Fail(new Failure("NOTHING_TO_SIGN", "The audit log has no record yet."));
        }

        if (to is not null)
        {
            await File.WriteAllBytesAsync(to, [.. newest.Encode(), (byte)'\n'], cancellation);
        }

        if (session.Output.Json)
        {
            session.Output.Document(new { newest.Sequence, newest.Hash, newest.Key, Made = signing.Made is not null });
        }
        else
        {
            session.Output.Line(signing.Made is null
                ? $"Record {newest.Sequence} is signed already, with key {newest.Key}."
                : $"Signed records up to {newest.Sequence} with key {newest.Key}.");
        }

        return ExitCode.Ok;
    }

    private static Command Export(Surroundings surroundings)
    {
        var to = new Option<string>("--to")
        {
            Description = "The file to write, for this account alone; one that is there is refused.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("export", "Write the log with its checkpoints to a file, to be kept elsewhere.")
        {
            to,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (ServerRefused(session) is { } refused)
            {
                return session.Output.Fail(refused);
            }

            string path = session.Value(to)!;
            if (Path.Exists(path))
            {
                return session.Output.Fail(new Failure(
                    "FILE_EXISTS", $"'{path}' is there already.", "Name another file."));
            }

            await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
            AuditHead head = await WriteAsync(session, store, path, cancellation);
            if (session.Output.Json)
            {
                session.Output.Document(new { File = path, head.Sequence, head.Hash });
            }
            else
            {
                session.Output.Line($"Exported {ListTables.Counted(head.Sequence, "record")} to '{path}'.");
            }

            return ExitCode.Ok;
        });
    }

    private static async Task<AuditHead> WriteAsync(
        Session session, IListStore store, string path, CancellationToken cancellation)
    {
        // A file of that name is a whole log or is not there.
        string part = $"{path}.{Guid.NewGuid():N}.part";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 128 * 1024,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            AuditHead head;
            await using (var file = new FileStream(part, options))
            {
                var progress = new LatestCount();
                Task<AuditHead> writing = Task.Run(
                    () => AuditFile.WriteAsync(store, file, progress, cancellation), cancellation);
                head = await LongWork.ShowAsync(
                    writing, session.Output, "Exporting", () => progress.Value, null, "records");
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path);
            return head;
        }
        finally
        {
            File.Delete(part);
        }
    }
}
