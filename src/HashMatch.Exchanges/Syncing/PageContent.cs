using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HashMatch.Matching.Lists;

namespace HashMatch.Exchanges.Syncing;

/// <summary>What a page came to when it was read once, before it is kept.</summary>
/// <param name="Lines">Entries, removals, records and values left out.</param>
/// <param name="Malformed">Records that were not good.</param>
/// <param name="FirstMalformed">The first of them, and why; null when there was none.</param>
/// <param name="Digest">Of all lines.</param>
internal sealed record PageContent(long Lines, long Malformed, string? FirstMalformed, string Digest)
{
    /// <summary>Reads a page to its end.</summary>
    /// <exception cref="ExchangeException">It cannot be.</exception>
    public static async Task<PageContent> ReadAsync(
        byte[] body, ListFileFormat format, CancellationToken cancellation)
    {
        using MemoryStream stream = new(body);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long lines = 0;
        long malformed = 0;
        string? first = null;
        await foreach (ListLine line in HashListReader.ReadAsync(
            stream, new ListReadOptions { Format = format }, cancellation).ConfigureAwait(false))
        {
            if (line.EndsReading)
            {
                throw new ExchangeException(
                    ExchangeProblem.BadPage, $"A page cannot be read to its end: {line.Error}.");
            }

            lines++;
            if (line.Error is { } error)
            {
                malformed++;
                first ??= error;
            }

            // Where it stands in the page is no part of what it says.
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{line with { Line = 1 }}\n")));
        }

        return new PageContent(lines, malformed, first, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }
}
