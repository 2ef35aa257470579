using System.Runtime.InteropServices;

namespace HashMatch.Matching.Index;

/// <summary>
/// A bucket in one cache line: where its row numbers start, how many there are, and their signatures. Where these do
/// not fit, all of them lie elsewhere, and the line says where.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct BucketLine
{
    public const int Bytes = 64;

    /// <summary>Signatures' widths that the header takes.</summary>
    public const int HeaderLanes = 4;

    /// <summary>Most signatures of a line.</summary>
    public const int Room = 28;

    /// <summary>Place of the first row number, in the chunk.</summary>
    [FieldOffset(0)]
    public uint Start;

    /// <summary>Rows.</summary>
    [FieldOffset(4)]
    public uint Count;

    /// <summary>Place of the first signature in the overflow, when there are more than <see cref="Room"/>.</summary>
    [FieldOffset(8)]
    public uint Overflow;

    /// <summary>They, when they fit.</summary>
    [FieldOffset(8)]
    public fixed ushort Signatures[Room];
}
