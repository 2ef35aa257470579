namespace HashMatch.Matching.Lists;

/// <summary>List files in: streams lines as entries or errors, whatever the file's size.</summary>
public static class HashListReader
{
    /// <summary>Reads a list file (UTF-8, with or without a byte order mark, LF or CRLF).</summary>
    /// <param name="file">Read from where it stands to its end; not closed.</param>
    /// <param name="format">Its shape.</param>
    /// <param name="textType">What 64 hex digits in a text file are: Pdq or Sha256.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static IAsyncEnumerable<ListLine> ReadAsync(
        Stream file, ListFileFormat format, HashType textType, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
