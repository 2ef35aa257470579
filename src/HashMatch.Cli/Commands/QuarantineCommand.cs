using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Output;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch quarantine`: entries that ask for review at most since they matched far too often.</summary>
internal static class QuarantineCommand
{
    public static Command Create(Surroundings surroundings) =>
        new("quarantine", "Entries that ask for review at most since they matched far above their own rate.")
        {
            Ls(surroundings),
            Release(surroundings),
        };

    private static Command Ls(Surroundings surroundings) =>
        new Command("ls", "All entries in quarantine.").Runs(surroundings, async (session, cancellation) =>
        {
            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            (string List, QuarantinedEntry Entry)[] all =
            [
                .. (await curator.ReadAllAsync(cancellation))
                    .SelectMany(list => (list.Quarantined ?? []).Select(entry => (list.Name, entry))),
            ];
            if (session.Output.Json)
            {
                session.Output.Document(new
                {
                    Entries = all.Select(each => new { each.List, Quarantined = Documents.Of(each.Entry) }).ToArray(),
                });
            }
            else if (all.Length == 0)
            {
                session.Output.Note($"No entry is in quarantine in {curator.Description}.");
            }
            else
            {
                session.Output.Table(
                    ["LIST", "SINCE", "MATCHES", "EXPECTED", "VALUE"],
                    [
                        .. all.Select(each => new[]
                        {
                            each.List,
                            ListTables.Time(each.Entry.Since),
                            ListTables.Number(each.Entry.Matches),
                            each.Entry.Expected.ToString("F1", CultureInfo.InvariantCulture),
                            each.Entry.Key,
                        }),
                    ]);
            }

            return ExitCode.Ok;
        });

    private static Command Release(Surroundings surroundings)
    {
        Argument<string> list = ListsCommand.Name();
        var type = EntryOptions.TypeOption();
        var values = new Option<string[]>("--value")
        {
            Description = "The hash or digest in hex; may be said again.",
            HelpName = "HEX",
            Required = true,
        };
        var command = new Command(
            "release", "Let entries ask for what their list's policy does again; they are counted anew.")
        {
            list, type, values,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            List<EntryKey> keys = [];
            foreach (string value in session.Value(values) ?? [])
            {
                if (EntryOptions.Parse(session.Value(type), value, out EntryKey key) is { } failure)
                {
                    return session.Output.Fail(failure);
                }

                keys.Add(key);
            }

            return await ListsCommand.ChangeAsync(
                session,
                session.Value(list),
                "Released from quarantine in",
                (curator, name) => curator.ReleaseAsync(name, keys, cancellation),
                cancellation);
        });
    }
}
