using System.CommandLine;
using HashMatch.Cli.Input;
using HashMatch.Cli.Output;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Cli.Commands;

/// <summary>`hashmatch keys`: keys that sign snapshots.</summary>
internal static class KeysCommand
{
    private const string PublicSuffix = ".pub";

    public static Command Create(Surroundings surroundings) =>
        new("keys", "Keys that sign and verify snapshots of lists.") { New(surroundings) };

    private static Command New(Surroundings surroundings)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Where the private key goes, for this account alone; the public key goes to FILE.pub.",
        };
        var command = new Command("new", "Make a key: PEM, Ed25519.") { file };
        return command.Runs(surroundings, async (session, cancellation) =>
        {
            if (session.ServerRefused("it writes files here") is { } refused)
            {
                return session.Output.Fail(refused);
            }

            string path = session.Value(file);
            using SigningKey key = SigningKey.Create();
            foreach ((string name, byte[] pem, bool secret) in new[]
            {
                (path, key.ToPem(), true), (path + PublicSuffix, key.Public.ToPem(), false),
            })
            {
                if (await KeyFiles.WriteAsync(name, pem, secret, cancellation) is { } failure)
                {
                    return session.Output.Fail(failure);
                }
            }

            if (session.Output.Json)
            {
                session.Output.Document(
                    new { Id = key.Public.Id, PrivateKey = path, PublicKey = path + PublicSuffix });
            }
            else
            {
                session.Output.Line(
                    $"Key {key.Public.Id}: '{path}' signs, keep it to yourself; '{path + PublicSuffix}' verifies.");
            }

            return ExitCode.Ok;
        });
    }
}
