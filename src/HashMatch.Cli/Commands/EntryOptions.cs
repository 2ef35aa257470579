using System.CommandLine;
using System.Globalization;
using HashMatch.Cli.Input;
using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>Entries to add: one from its options, or all of a small list file.</summary>
internal sealed class EntryOptions
{
    private const int BadLinesShown = 5;

    private readonly Option<string?> _type = TypeOption();

    private readonly Option<string?> _value = new("--value")
    {
        Description = "The hash or digest in hex.",
        HelpName = "HEX",
    };

    private readonly Option<string?> _externalId = new("--external-id")
    {
        Description = "The source's own identifier, up to 256 bytes.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _classification = new("--classification")
    {
        Description = "Up to 128 bytes.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _severity = new("--severity")
    {
        Description = "Up to 64 bytes.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _expiresAt = new("--expires-at")
    {
        Description = "After this time it no longer matches, such as 2030-01-31T00:00:00Z.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _note = new("--note")
    {
        Description = "Up to 4,096 bytes; stays in the store.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _file = new("--file")
    {
        Description = $"A list file of at most {ListCatalog.MaxEditEntries} entries, instead of --value; - is standard "
            + "input.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_type, _value, _externalId, _classification, _severity, _expiresAt, _note, _file];
        foreach (Option option in options)
        {
            command.Add(option);
        }
    }

    /// <summary>The option that says what a value is.</summary>
    public static Option<string?> TypeOption()
    {
        var type = new Option<string?>("--type")
        {
            Description = "What the value is (default: told by its length; 64 digits are pdq).",
            HelpName = "pdq|md5|sha1|sha256",
        };
        type.AcceptOnlyFromAmong("pdq", "md5", "sha1", "sha256");
        return type;
    }

    /// <summary>What was given, or what is wrong with it.</summary>
    public async Task<(IReadOnlyList<HashEntry> Entries, Failure? Failure)> EntriesOfAsync(
        Session session, bool force, CancellationToken cancellation)
    {
        string? file = session.Value(_file);
        string? value = session.Value(_value);
        if ((file is null) == (value is null))
        {
            return ([], new Failure(
                "BAD_COMMAND_LINE",
                "Give an entry with --value, or a list file with --file.",
                "See `hashmatch entries add --help`."));
        }

        if (file is not null)
        {
            return await ReadAsync(session, file, force, cancellation);
        }

        Failure? failure = Parse(session.Value(_type), value!, out EntryKey key);
        if (failure is not null)
        {
            return ([], failure);
        }

        DateTimeOffset? expiresAt = null;
        if (session.Value(_expiresAt) is { } text)
        {
            if (!DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                return ([], new Failure(
                    "INVALID", $"'{text}' is not a time.", "Write it as 2030-01-31T00:00:00Z."));
            }

            expiresAt = time.ToUniversalTime();
        }

        return ([
            new HashEntry
            {
                Type = key.Type,
                Value = key.Value,
                ExternalId = session.Value(_externalId) ?? "",
                Classification = session.Value(_classification) ?? "",
                Severity = session.Value(_severity) ?? "",
                ExpiresAt = expiresAt,
                Note = session.Value(_note) ?? "",
            },
        ], null);
    }

    /// <summary>Reads a value of a given type, or of the type that its length tells.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static Failure? Parse(string? type, string value, out EntryKey key)
    {
        HashType? chosen = type switch
        {
            "pdq" => HashType.Pdq,
            "md5" => HashType.Md5,
            "sha1" => HashType.Sha1,
            "sha256" => HashType.Sha256,
            _ => value.Length switch
            {
                64 => HashType.Pdq,
                40 => HashType.Sha1,
                32 => HashType.Md5,
                _ => null,
            },
        };
        if (chosen is { } known && HashValue.TryParse(known, value, out HashValue parsed))
        {
            key = new EntryKey(known, parsed);
            return null;
        }

        key = default;
        return new Failure(
            "INVALID",
            $"'{value}' is not {(type is null ? "a hash or digest" : $"a {type} value")}.",
            "PDQ and SHA-256 have 64 hex digits, SHA-1 has 40, MD5 has 32.");
    }

    private async Task<(IReadOnlyList<HashEntry> Entries, Failure? Failure)> ReadAsync(
        Session session, string file, bool force, CancellationToken cancellation)
    {
        (Stream? found, Failure? failure) =
            await InputFile.OpenAsync(file, session.Surroundings, cancellation);
        await using Stream? opened = found;
        if (opened is null)
        {
            return ([], failure);
        }

        HashType type = session.Value(_type) == "sha256" ? HashType.Sha256 : HashType.Pdq;
        List<HashEntry> entries = [];
        List<string> bad = [];
        var leftOut = new LeftOutCounts();
        await foreach (ListLine line in HashListReader.ReadAsync(
            opened,
            new ListReadOptions
            {
                TextType = type,
                Path = file == InputFile.StandardInput ? "" : file,
                Force = force,
            },
            cancellation))
        {
            if (line.LeftOut is not null)
            {
                leftOut.Add(line.LeftOut);
            }
            else if (line.Entry is null)
            {
                bad.Add($"line {line.Line}: {line.Error ?? "it deletes, which `lists load --changes` does"}");
            }
            else if (entries.Count == ListCatalog.MaxEditEntries)
            {
                return ([], new Failure(
                    "TOO_MANY_ENTRIES",
                    $"'{file}' has more than {ListCatalog.MaxEditEntries} entries.",
                    "Load it as a version of its own with `hashmatch lists load`."));
            }
            else
            {
                entries.Add(line.Entry);
            }
        }

        if (bad.Count > 0)
        {
            return ([], new Failure(
                "BAD_LINES",
                $"{ListTables.Counted(bad.Count, "bad line")} in '{file}', nothing changed: "
                + string.Join("; ", bad.Take(BadLinesShown)) + (bad.Count > BadLinesShown ? "; ..." : ""),
                "Mend the file."));
        }

        if (leftOut.All is { } all)
        {
            session.Output.Note($"Left out, since nothing here matches them: {ListTables.LeftOut(all)}.");
        }

        return entries.Count == 0
            ? ([], new Failure("NO_ENTRIES", $"'{file}' has no entries."))
            : (entries, null);
    }
}
