using System.Buffers.Binary;
using HashMatch.Pdq;

namespace HashMatch.Matching;

/// <summary>
/// The value of an entry, whatever its type: up to 32 bytes, most significant first; a shorter one has zeros behind it.
/// Sorts as its bytes do.
/// </summary>
public readonly record struct HashValue(ulong A, ulong B, ulong C, ulong D) : IComparable<HashValue>
{
    /// <summary>Room for the longest value.</summary>
    public const int MaxByteCount = 32;

    /// <summary>Bytes of a value of this type: 32, 16, 20 or 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a type.</exception>
    public static int ByteCount(HashType type) => type switch
    {
        HashType.Pdq or HashType.Sha256 => 32,
        HashType.Md5 => 16,
        HashType.Sha1 => 20,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The value of a PDQ hash.</summary>
    public static HashValue From(PdqHash hash) => new(hash.Word3, hash.Word2, hash.Word1, hash.Word0);

    /// <summary>The PDQ hash of this value.</summary>
    public PdqHash ToPdq() => new(D, C, B, A);

    /// <summary>Reads up to 32 bytes, most significant first.</summary>
    /// <exception cref="ArgumentException">More than 32 bytes.</exception>
    public static HashValue Read(ReadOnlySpan<byte> source)
    {
        if (source.Length > MaxByteCount)
        {
            throw new ArgumentException("A value is at most 32 bytes.", nameof(source));
        }

        Span<byte> bytes = stackalloc byte[MaxByteCount];
        bytes[source.Length..].Clear();
        source.CopyTo(bytes);
        return new HashValue(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    /// <summary>Writes as many bytes as <paramref name="destination"/> holds, at most 32.</summary>
    public void Write(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[MaxByteCount];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
        bytes[..Math.Min(destination.Length, MaxByteCount)].CopyTo(destination);
    }

    /// <summary>Reads exactly as many hex digits, of either case, as the type has.</summary>
    public static bool TryParse(HashType type, ReadOnlySpan<char> text, out HashValue value)
    {
        value = default;
        Span<byte> bytes = stackalloc byte[ByteCount(type)];
        if (text.Length != bytes.Length * 2
            || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        value = Read(bytes);
        return true;
    }

    /// <summary>Lower-case hex digits, as many as the type has.</summary>
    public string ToHex(HashType type)
    {
        Span<byte> bytes = stackalloc byte[ByteCount(type)];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public int CompareTo(HashValue other)
    {
        int order = A.CompareTo(other.A);
        order = order != 0 ? order : B.CompareTo(other.B);
        order = order != 0 ? order : C.CompareTo(other.C);
        return order != 0 ? order : D.CompareTo(other.D);
    }

    public static bool operator <(HashValue left, HashValue right) => left.CompareTo(right) < 0;

    public static bool operator >(HashValue left, HashValue right) => left.CompareTo(right) > 0;

    public static bool operator <=(HashValue left, HashValue right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HashValue left, HashValue right) => left.CompareTo(right) >= 0;
}
