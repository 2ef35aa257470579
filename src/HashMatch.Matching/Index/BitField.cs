using System.Runtime.CompilerServices;

namespace HashMatch.Matching.Index;

/// <summary>Up to 32 neighbouring bits of a hash, seen as a ring of 256.</summary>
internal readonly struct BitField
{
    private readonly int _word;
    private readonly int _next;
    private readonly int _shift;
    private readonly uint _mask;

    /// <param name="offset">0 to 255.</param>
    /// <param name="width">1 to 31.</param>
    public BitField(int offset, int width)
    {
        _word = offset >> 6;
        _next = (_word + 1) & 3;
        _shift = offset & 63;
        _mask = (1u << width) - 1;
    }

    /// <summary>The bits of a hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Of(in HashValue value)
    {
        ref ulong words = ref Unsafe.As<HashValue, ulong>(ref Unsafe.AsRef(in value));

        // The upper shift is split, since a shift by 64 is one by 0.
        return (uint)((Unsafe.Add(ref words, _word) >> _shift)
            | (Unsafe.Add(ref words, _next) << 1 << (63 - _shift))) & _mask;
    }
}
