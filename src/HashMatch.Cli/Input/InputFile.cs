using HashMatch.Cli.Output;

namespace HashMatch.Cli.Input;

/// <summary>Files as given on the command line; `-` is standard input.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

    /// <summary>Opens a file for reading from its start.</summary>
    /// <param name="path">As given.</param>
    /// <param name="surroundings">Whose standard input it is.</param>
    /// <param name="cancellation">Ends the wait for whoever is to write into a named pipe.</param>
    /// <returns>The file, or why it cannot be read.</returns>
    public static async Task<(Stream? File, Failure? Failure)> OpenAsync(
        string path, Surroundings surroundings, CancellationToken cancellation)
    {
        if (path == StandardInput)
        {
            return (new InterruptibleStream(surroundings.OpenIn()), null);
        }

        if (Directory.Exists(path))
        {
            return (null, new Failure(
                "IS_A_DIRECTORY", $"'{path}' is a directory.", "Name files; a shell expands DIRECTORY/*."));
        }

        try
        {
            FileStream file = await Task.Run(() => OpenFile(path), CancellationToken.None).WaitAsync(cancellation);
            return (file.CanSeek ? file : new InterruptibleStream(file), null);
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => new Failure(
                    "FILE_NOT_FOUND", $"'{path}' does not exist.", "Check the name; paths are relative to here."),
                UnauthorizedAccessException => new Failure(
                    "ACCESS_DENIED", $"'{path}' may not be read.", "Check its permissions."),
                _ => new Failure("IO_ERROR", $"'{path}' cannot be opened: {exception.Message}"),
            });
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
        (Stream? opened, Failure? failure) = await OpenAsync(path, surroundings, cancellation);
        await using Stream? file = opened;
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

    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        BufferSize = 0,
    });
}
