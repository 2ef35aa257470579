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
        Description = "Go through a running server at http://HOST:PORT or unix:/PATH instead of the store (default: "
            + "HASHMATCH_SERVER).",
        HelpName = "URL",
        Recursive = true,
    };

    public const string KeyVariable = "HASHMATCH__APIKEY";

    public static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "A file of this account's alone with the API key to show to the server (default: "
            + "HASHMATCH__APIKEY).",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> ClientCertificate = new("--client-cert")
    {
        Description = "A PEM file with the certificate to show to the server.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> ClientKey = new("--client-key")
    {
        Description = "A PEM file with that certificate's key, when it is not in the same file.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> Authority = new("--ca")
    {
        Description = "A PEM file with the authorities that sign the server's certificate (default: the system's).",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON for programs, errors too.",
        Recursive = true,
    };
}
