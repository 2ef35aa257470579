using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HashMatch.Matching;

/// <summary>
/// Makes verdict ids: 48 bits of unix milliseconds and 80 random ones, in Crockford's base 32 (the ULID form).
/// </summary>
public static class VerdictIds
{
    private const int Length = 26;
    private const int TimeLength = 10;
    private const int HalfLength = 8;
    private const int HalfBytes = 5;
    private const int BitsPerDigit = 5;
    private const ulong HalfMask = (1ul << (HalfLength * BitsPerDigit)) - 1;
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    // Asking the system for 10 bytes takes as long as looking a hash up: a thread asks for those of many ids at once.
    private const int IdsPerFill = 100;
    private const int RandomBytes = IdsPerFill * 2 * HalfBytes;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary>A new id.</summary>
    public static string Create(DateTimeOffset time)
    {
        (ulong high, ulong low) = Halves();
        return string.Create(Length, ((ulong)time.ToUnixTimeMilliseconds(), high, low), static (text, parts) =>
        {
            Write(parts.Item1 & 0xFFFF_FFFF_FFFF, text[..TimeLength]);
            Write(parts.high, text.Slice(TimeLength, HalfLength));
            Write(parts.low, text[(TimeLength + HalfLength)..]);
        });
    }

    // 40 random bits twice.
    private static (ulong High, ulong Low) Halves()
    {
        byte[]? random = _random;
        if (random is null || _used == RandomBytes)
        {
            // A half is read as 8 bytes, the last one too.
            random ??= new byte[RandomBytes + sizeof(ulong) - HalfBytes];
            RandomNumberGenerator.Fill(random);
            _random = random;
            _used = 0;
        }

        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(random.AsSpan(_used));
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(random.AsSpan(_used + HalfBytes));
        _used += 2 * HalfBytes;
        return (high & HalfMask, low & HalfMask);
    }

    private static void Write(ulong value, Span<char> text)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(value & 31)];
            value >>= BitsPerDigit;
        }
    }
}
