using System.Security.Cryptography;

namespace HashMatch.Matching;

/// <summary>
/// Makes verdict ids: 48 bits of unix milliseconds and 80 random ones, in Crockford's base 32 (the ULID form).
/// </summary>
internal static class VerdictIds
{
    private const int Length = 26;
    private const int RandomBytes = 10;
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A new id.</summary>
    public static string Create(DateTimeOffset time)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        UInt128 value = (UInt128)((ulong)time.ToUnixTimeMilliseconds() & 0xFFFF_FFFF_FFFF) << 80;
        for (int i = 0; i < RandomBytes; i++)
        {
            value |= (UInt128)random[i] << (8 * i);
        }

        Span<char> text = stackalloc char[Length];
        for (int i = Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(value & 31)];
            value >>= 5;
        }

        return new string(text);
    }
}
