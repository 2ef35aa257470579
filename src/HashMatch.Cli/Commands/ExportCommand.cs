using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;
using HashMatch.Matching.Snapshots;
using HashMatch.Matching.Stores;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists export`: active versions of lists into a snapshot file.</summary>
internal static class ExportCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "The lists.",
            Arity = ArgumentArity.OneOrMore,
        };
        var to = new Option<string>("--to")
        {
            Description = "The file to write, for this account alone; one that is there is refused.",
            HelpName = "FILE",
            Required = true,
        };
        var key = new Option<string?>("--key")
        {
            Description = "The private key that signs it; see `hashmatch keys new`. Unsigned without it.",
            HelpName = "FILE",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a file that is there, at the end." };
        var command = new Command(
            "export", "Write lists, with policy and active version, to a snapshot file. Reads the store itself.")
        {
            names, to, key, overwrite,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("no call of a server reads entries out; name the store with --store")
                is { } refused)
            {
                return session.Output.Fail(refused);
            }

            string path = session.Value(to)!;
            if (Path.Exists(path) && !session.Value(overwrite))
            {
                return session.Output.Fail(new Failure(
                    "FILE_EXISTS", $"'{path}' is there already.", "Name another file, or say --overwrite."));
            }

            SigningKey? signing = null;
            if (session.Value(key) is { } keyFile)
            {
                (signing, Failure? failure) =
                    await KeyFiles.ReadPrivateAsync(keyFile, session.Surroundings, cancellation);
                if (signing is null)
                {
                    return session.Output.Fail(failure!);
                }
            }

            using (signing)
            {
                return await RunAsync(session, session.Value(names), path, signing, cancellation);
            }
        });
    }

    private static async Task<int> RunAsync(
        Session session, string[] names, string path, SigningKey? key, CancellationToken cancellation)
    {
        await using IListStore store = await StoreCurator.OpenStoreAsync(session.StoreAddress, cancellation);
        var catalog = new ListCatalog(store, TimeProvider.System);

        // A file of that name is a whole snapshot or is not there.
        string part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            CatalogResult<IReadOnlyList<SnapshotList>> exported;
            await using (var file = new FileStream(part, PartOptions()))
            {
                exported = await WriteAsync(session, catalog, names, file, key, cancellation);
                file.Flush(flushToDisk: true);
            }

            if (!exported.IsOk)
            {
                return session.Output.Fail(Failure.Of(exported));
            }

            File.Move(part, path, overwrite: true);
            Write(session, exported.Value, path, key);
            return ExitCode.Ok;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static Task<CatalogResult<IReadOnlyList<SnapshotList>>> WriteAsync(
        Session session,
        ListCatalog catalog,
        string[] names,
        Stream file,
        SigningKey? key,
        CancellationToken cancellation)
    {
        var progress = new LatestCount();
        Task<CatalogResult<IReadOnlyList<SnapshotList>>> exporting = Task.Run(
            () => catalog.ExportAsync(names, file, key, progress, cancellation), cancellation);
        return LongWork.ShowAsync(exporting, session.Output, "Exporting", () => progress.Value, null, "entries");
    }

    private static void Write(Session session, IReadOnlyList<SnapshotList> lists, string path, SigningKey? key)
    {
        if (session.Output.Json)
        {
            session.Output.Document(new
            {
                File = path,
                Signer = key?.Public.Id ?? "",
                Lists = lists.Select(Documents.Of).ToArray(),
            });
            return;
        }

        foreach (SnapshotList list in lists)
        {
            session.Output.Line(
                $"Exported '{list.Name}': version {list.Version}, {ListTables.Entries(list.Entries.Total)}.");
        }

        session.Output.Line(key is null
            ? $"'{path}' is not signed: whoever can change it can change the lists that come of it."
            : $"'{path}' is signed with key {key.Public.Id}.");
    }

    private static FileStreamOptions PartOptions()
    {
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

        return options;
    }
}
