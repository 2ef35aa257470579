using System.CommandLine;
using HashMatch.Cli.Curating;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch lists import`: lists of a snapshot file become new versions, active at once.</summary>
internal static class ImportCommand
{
    /// <summary>Files of public keys, separated as PATH is.</summary>
    public const string TrustedKeysVariable = "HASHMATCH__IMPORT__TRUSTEDKEYS";

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("FILE") { Description = "The snapshot." };
        var name = new Option<string?>("--as")
        {
            Description = "The name of the list here (default: its own); of a snapshot with one list.",
            HelpName = "NAME",
        };
        var trust = new Option<string[]>("--trust")
        {
            Description = $"A public key that may have signed it; may be said again. Those of {TrustedKeysVariable} "
                + "are trusted too.",
            HelpName = "PUBLICKEY-FILE",
        };
        var unsigned = new Option<bool>("--unsigned")
        {
            Description = "Take a snapshot without a signature; not where any key is trusted.",
        };
        var policy = new Option<bool>("--policy")
        {
            Description = "A list that exists gets the snapshot's policy and description too.",
        };
        Option<bool> force = ListsCommand.Force();
        var command = new Command(
            "import", "Load the lists of a snapshot file as new versions and activate them, once it was verified.")
        {
            file, name, trust, unsigned, policy, force,
        };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            (List<TrustedKey>? keys, Failure? failure) =
                await KeysOfAsync(session, session.Value(trust) ?? [], cancellation);
            if (keys is null)
            {
                return session.Output.Fail(failure!);
            }

            var order = new ImportOrder
            {
                File = session.Value(file),
                As = session.Value(name),
                Trust = new SnapshotTrust { Keys = keys, AllowUnsigned = session.Value(unsigned) },
                TakePolicy = session.Value(policy),
                Force = session.Value(force),
            };
            (Stream? opened, failure) = await InputFile.OpenAsync(order.File, session.Surroundings, cancellation);
            await using Stream? stream = opened;
            if (stream is null)
            {
                return session.Output.Fail(failure!);
            }

            if (!stream.CanSeek)
            {
                return session.Output.Fail(new Failure(
                    "NOT_A_FILE",
                    $"'{order.File}' can be read once only: a snapshot is verified first, then loaded.",
                    "Store it in a file."));
            }

            await using ICurator curator = await session.OpenCuratorAsync(cancellation);
            return await new ListImport(session, curator, order).RunAsync(stream, cancellation);
        });
    }

    private static async Task<(List<TrustedKey>? Keys, Failure? Failure)> KeysOfAsync(
        Session session, string[] given, CancellationToken cancellation)
    {
        string[] configured = (session.Surroundings.Variable(TrustedKeysVariable) ?? "").Split(
            Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        List<TrustedKey> keys = [];
        foreach (string path in configured.Concat(given))
        {
            (TrustedKey? key, Failure? failure) =
                await KeyFiles.ReadPublicAsync(path, session.Surroundings, cancellation);
            if (key is null)
            {
                return (null, failure);
            }

            keys.Add(key);
        }

        return (keys, null);
    }
}
