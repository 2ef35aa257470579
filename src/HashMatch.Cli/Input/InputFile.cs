using HashMatch.Cli.Output;

namespace HashMatch.Cli.Input;

/// <summary>Files as given on the command line; `-` is standard input.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

    /// <summary>Opens a file for reading from its start.</summary>
    /// <param name="path">As given.</param>
    /// <param name="surroundings">Whose standard input it is.</param>
    /// <param name="failure">Why it cannot be read; null when it can.</param>
    /// <returns>Null when there is a failure.</returns>
    public static Stream? Open(string path, Surroundings surroundings, out Failure? failure)
    {
        failure = null;
        if (path == StandardInput)
        {
            return new InterruptibleStream(surroundings.OpenIn());
        }

        if (Directory.Exists(path))
        {
            failure = new Failure(
                "IS_A_DIRECTORY", $"'{path}' is a directory.", "Name files; a shell expands DIRECTORY/*.");
            return null;
        }

        try
        {
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            });
            return file.CanSeek ? file : new InterruptibleStream(file);
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            failure = exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => new Failure(
                    "FILE_NOT_FOUND", $"'{path}' does not exist.", "Check the name; paths are relative to here."),
                UnauthorizedAccessException => new Failure(
                    "ACCESS_DENIED", $"'{path}' may not be read.", "Check its permissions."),
                _ => new Failure("IO_ERROR", $"'{path}' cannot be opened: {exception.Message}"),
            };
            return null;
        }
    }

    /// <summary>Reads a whole file of at most so many bytes.</summary>
    /// <param name="path">As given.</param>
    /// <param name="surroundings">Whose standard input it is.</param>
    /// <param name="maxBytes">Most bytes that are taken.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The bytes, or why there are none.</returns>
    public static async Task<(byte[]? Bytes, Failure? Failure)> ReadAsync(
        string path, Surroundings surroundings, int maxBytes, CancellationToken cancellation)
    {
        await using Stream? file = Open(path, surroundings, out Failure? failure);
        if (file is null)
        {
            return (null, failure);
        }

        try
        {
            int known = file.CanSeek ? (int)Math.Min(file.Length, maxBytes + 1L) : 0;
            using var bytes = new MemoryStream(known);
            byte[] buffer = new byte[128 * 1024];
            int read;
            while ((read = await file.ReadAsync(buffer, cancellation)) > 0)
            {
                if (bytes.Length + read > maxBytes)
                {
                    return (null, new Failure(
                        "TOO_MANY_BYTES",
                        $"'{path}' is over {maxBytes / (1024 * 1024)} MiB, the most that is decoded.",
                        "It was not looked up."));
                }

                bytes.Write(buffer, 0, read);
            }

            return bytes.Length == 0
                ? (null, new Failure("EMPTY_FILE", $"'{path}' has no bytes.", "It was not looked up."))
                : (bytes.GetBuffer().Length == bytes.Length ? bytes.GetBuffer() : bytes.ToArray(), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, new Failure("IO_ERROR", $"'{path}' cannot be read: {exception.Message}"));
        }
    }
}
