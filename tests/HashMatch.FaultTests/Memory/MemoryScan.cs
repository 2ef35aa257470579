using System.Globalization;
using System.Text;

namespace HashMatch.FaultTests.Memory;

/// <summary>Looks for byte patterns in all readable memory of a process, at every byte.</summary>
internal static class MemoryScan
{
    private const int PieceBytes = 4 * 1024 * 1024;

    /// <summary>What was found, one line a place; empty when nothing was.</summary>
    /// <param name="processId">A process that this one may read.</param>
    /// <param name="patterns">By name; up to 1 KiB each.</param>
    /// <param name="scanned">Bytes that were looked through.</param>
    public static IReadOnlyList<string> Find(
        int processId, IReadOnlyDictionary<string, byte[]> patterns, out long scanned)
    {
        List<string> found = [];
        scanned = 0;
        byte[] piece = new byte[PieceBytes];
        int overlap = patterns.Values.Max(pattern => pattern.Length) - 1;
        using FileStream memory = new(
            $"/proc/{processId}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        foreach (string line in File.ReadAllLines($"/proc/{processId}/maps"))
        {
            string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            string name = parts.Length > 5 ? parts[5] : "anonymous";
            if (parts[1][0] != 'r' || name is "[vvar]" or "[vsyscall]" or "[vvar_vclock]")
            {
                continue;
            }

            string[] ends = parts[0].Split('-');
            long at = long.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            long end = long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            while (at < end)
            {
                int read = Read(memory, at, piece.AsSpan(0, (int)Math.Min(PieceBytes, end - at)));
                if (read == 0)
                {
                    break;
                }

                scanned += read;
                Look(piece.AsSpan(0, read), at, $"{name} ({line.Split(' ')[0]})", patterns, found);
                at += read == end - at ? read : Math.Max(1, read - overlap);
            }
        }

        return [.. found.Distinct()];
    }

    // A mapping may go, or be of a file that is shorter than it.
    private static int Read(FileStream memory, long at, Span<byte> piece)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, piece, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Look(
        ReadOnlySpan<byte> piece,
        long at,
        string name,
        IReadOnlyDictionary<string, byte[]> patterns,
        List<string> found)
    {
        foreach ((string pattern, byte[] bytes) in patterns)
        {
            int place = piece.IndexOf(bytes);
            if (place >= 0)
            {
                int end = piece[place..].IndexOf(new byte[16]);
                found.Add(
                    $"{pattern} at {at + place:x} in {name}, {end} bytes to the next zeros, among "
                    + Around(piece, place));
            }
        }
    }

    // Enough for whoever must find out what left it.
    private static string Around(ReadOnlySpan<byte> piece, int place)
    {
        int from = Math.Max(0, place - 48);
        var text = new StringBuilder();
        foreach (byte each in piece.Slice(from, Math.Min(144, piece.Length - from)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{each:x2}");
        }

        return text.ToString();
    }
}
