using System.CommandLine;

namespace HashMatch.Cli;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public const string StoreVariable = "HASHMATCH__STORE";
    public const string ServerVariable = "HASHMATCH_SERVER";

    public static readonly Option<string?> Store = new("--store")
    {
        Description = "Where lists live: sqlite:FOLDER or redis:HOST:PORT (default: HASHMATCH__STORE, else a folder "
            + "of this account).",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    public static readonly Option<string?> Server = new("--server")
    {
        Description = "Go through a running server at http://HOST:PORT instead of the store (default: "
            + "HASHMATCH_SERVER).",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON for programs, errors too.",
        Recursive = true,
    };
}
