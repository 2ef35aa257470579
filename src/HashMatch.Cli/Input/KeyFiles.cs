using System.Text;
using HashMatch.Cli.Output;
using HashMatch.Matching.Snapshots;

namespace HashMatch.Cli.Input;

/// <summary>Files that hold a key each, in PEM.</summary>
internal static class KeyFiles
{
    private const int MaxBytes = 16 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Foreign = OthersRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes a key to a file that is not there yet.</summary>
    /// <returns>Why it was not written; null when it was.</returns>
    public static async Task<Failure?> WriteAsync(
        string path, byte[] pem, bool isSecret, CancellationToken cancellation)
    {
        if (Path.Exists(path))
        {
            return new Failure(
                "FILE_EXISTS", $"'{path}' is there already; it was left alone.", "Name another file, or move it away.");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = isSecret ? OwnerOnly : OwnerOnly | OthersRead;
        }

        await using var file = new FileStream(path, options);
        await file.WriteAsync(pem, cancellation);
        return null;
    }

    /// <summary>Reads a private key, which nobody else may be able to read.</summary>
    public static async Task<(SigningKey? Key, Failure? Failure)> ReadPrivateAsync(
        string path, Surroundings surroundings, CancellationToken cancellation)
    {
        (byte[]? pem, Failure? failure) = await InputFile.ReadAsync(path, surroundings, MaxBytes, cancellation);
        if (pem is null)
        {
            return (null, failure);
        }

        if (IsForeign(path))
        {
            return (null, NotPrivate(path));
        }

        return SigningKey.Read(pem) is { } key
            ? (key, null)
            : (null, new Failure(
                "BAD_KEY", $"'{path}' is no Ed25519 private key in PEM.", "`hashmatch keys new FILE` makes one."));
    }

    /// <summary>Reads an API key, which nobody else may be able to read.</summary>
    public static async Task<(string? Key, Failure? Failure)> ReadApiKeyAsync(
        string path, Surroundings surroundings, CancellationToken cancellation)
    {
        (byte[]? text, Failure? failure) = await InputFile.ReadAsync(path, surroundings, MaxBytes, cancellation);
        if (text is null)
        {
            return (null, failure);
        }

        return IsForeign(path)
            ? (null, NotPrivate(path))
            : (Encoding.UTF8.GetString(text).Trim(), null);
    }

    /// <summary>Reads a public key.</summary>
    public static async Task<(TrustedKey? Key, Failure? Failure)> ReadPublicAsync(
        string path, Surroundings surroundings, CancellationToken cancellation)
    {
        (byte[]? pem, Failure? failure) = await InputFile.ReadAsync(path, surroundings, MaxBytes, cancellation);
        return pem is null ? (null, failure)
            : TrustedKey.Read(pem) is { } key ? (key, null)
            : (null, new Failure(
                "BAD_KEY",
                $"'{path}' is no Ed25519 public key in PEM.",
                "The public key lies beside the private one, as FILE.pub."));
    }

    private static bool IsForeign(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Foreign) != 0;

    private static Failure NotPrivate(string path) => new(
        "KEY_NOT_PRIVATE",
        $"'{path}' may be read by others than its owner; it was not used.",
        $"`chmod 600 {path}` keeps it private; make a new one if somebody may have read it.");
}
