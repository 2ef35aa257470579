using System.Buffers.Binary;
using System.Numerics;

namespace HashMatch.Pdq;

/// <summary>
/// A PDQ perceptual hash: 256 bits. Bit k is bit k mod 64 of word k / 64; as text, 64 lower-case hex digits with the
/// most significant bit first; as bytes, 32 in the same order as the text.
/// </summary>
public readonly record struct PdqHash(ulong Word0, ulong Word1, ulong Word2, ulong Word3)
{
    /// <summary>Bits of a hash.</summary>
    public const int BitCount = 256;

    /// <summary>Bytes of a hash.</summary>
    public const int ByteCount = 32;

    /// <summary>Hex digits of a hash.</summary>
    public const int HexLength = 64;

    /// <summary>Number of bits that are set, 0 to 256.</summary>
    public int PopCount =>
        BitOperations.PopCount(Word0) + BitOperations.PopCount(Word1)
        + BitOperations.PopCount(Word2) + BitOperations.PopCount(Word3);

    /// <summary>Number of bits that differ, 0 to 256.</summary>
    public int Distance(PdqHash other) =>
        BitOperations.PopCount(Word0 ^ other.Word0) + BitOperations.PopCount(Word1 ^ other.Word1)
        + BitOperations.PopCount(Word2 ^ other.Word2) + BitOperations.PopCount(Word3 ^ other.Word3);

    /// <summary>Reads 32 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> is shorter than 32 bytes.</exception>
    public static PdqHash Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < ByteCount)
        {
            throw new ArgumentException("A PDQ hash is 32 bytes.", nameof(source));
        }

        return new PdqHash(
            BinaryPrimitives.ReadUInt64BigEndian(source[24..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source));
    }

    /// <summary>Writes 32 bytes, most significant first.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than 32
    /// bytes.</exception>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], Word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Word2);
        BinaryPrimitives.WriteUInt64BigEndian(destination, Word3);
    }

    /// <summary>Reads exactly 64 hex digits of either case; nothing else is taken.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PdqHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[ByteCount];
        if (text.Length != HexLength
            || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        hash = Read(bytes);
        return true;
    }

    /// <summary>64 lower-case hex digits, most significant first.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
