namespace HashMatch.Matching.Index;

/// <summary>A limit that the compiler knows, so that a kernel's rounds are written out.</summary>
internal interface IBitLimit
{
    /// <summary>Most bits that may differ.</summary>
    static abstract int Bits { get; }
}

internal readonly struct NoBits : IBitLimit
{
    public static int Bits => 0;
}

internal readonly struct OneBit : IBitLimit
{
    public static int Bits => 1;
}

internal readonly struct TwoBits : IBitLimit
{
    public static int Bits => 2;
}

internal readonly struct ThreeBits : IBitLimit
{
    public static int Bits => 3;
}

/// <summary>Four bits, and as many more as the kernel is told.</summary>
internal readonly struct ManyBits : IBitLimit
{
    public static int Bits => 4;
}
