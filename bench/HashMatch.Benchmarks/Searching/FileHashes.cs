using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using HashMatch.Matching;

namespace HashMatch.Benchmarks.Searching;

/// <summary>Hashes from outside, in memory.</summary>
internal sealed class FileHashes : IHashSource
{
    private readonly HashValue[] _hashes;

    private FileHashes(string name, HashValue[] hashes)
    {
        Name = name;
        _hashes = hashes;
    }

    public string Name { get; }

    public long Count => _hashes.Length;

    /// <summary>Reads rows of 32 bytes, or text with one hash of 64 hex digits first on each line.</summary>
    /// <exception cref="InvalidDataException">It is neither, or it holds no hash.</exception>
    public static FileHashes Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[64];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        bool isText = HashValue.TryParse(HashType.Pdq, Encoding.Latin1.GetString(start[..read]), out _);
        file.Position = 0;
        HashValue[] hashes = isText ? [.. ReadText(path)] : ReadRows(file);
        return hashes.Length > 0
            ? new FileHashes(Path.GetFileName(path), hashes)
            : throw new InvalidDataException($"{path} holds no hash.");
    }

    public void Fill(long first, Span<HashValue> hashes) =>
        _hashes.AsSpan(checked((int)first), hashes.Length).CopyTo(hashes);

    public HashValue Unrelated(ref RandomBits random) => random.Balanced();

    private static IEnumerable<HashValue> ReadText(string path)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length >= 64 && HashValue.TryParse(HashType.Pdq, line.AsSpan(0, 64), out HashValue value))
            {
                yield return value;
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture, $"Line {number} of {path} is no hash of 64 hex digits."));
            }
        }
    }

    private static HashValue[] ReadRows(FileStream file)
    {
        if (file.Length % 32 != 0)
        {
            throw new InvalidDataException($"{file.Name} is neither text nor rows of 32 bytes.");
        }

        var hashes = new HashValue[file.Length / 32];
        Span<byte> row = stackalloc byte[32];
        using BufferedStream rows = new(file, 1 << 20);
        foreach (ref HashValue hash in hashes.AsSpan())
        {
            rows.ReadExactly(row);
            hash = new HashValue(
                BinaryPrimitives.ReadUInt64BigEndian(row),
                BinaryPrimitives.ReadUInt64BigEndian(row[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(row[16..]),
                BinaryPrimitives.ReadUInt64BigEndian(row[24..]));
        }

        return hashes;
    }
}
