using System.Numerics;

namespace HashMatch.Server.Memory;

/// <summary>Which pages are taken, a bit each. Runs are given from the lowest address on. Not for concurrent use.
/// </summary>
/// <param name="count">Pages.</param>
internal sealed class PageMap(int count)
{
    private const int WordBits = 64;

    private readonly ulong[] _taken = new ulong[(count + WordBits - 1) / WordBits];
    private int _firstFree;

    /// <summary>Takes adjacent pages.</summary>
    /// <returns>The first; -1 when there is no such run.</returns>
    public int Take(int pages)
    {
        int at = NextFree(_firstFree);
        _firstFree = at;
        while (at <= count - pages)
        {
            int end = NextTaken(at, at + pages);
            if (end == at + pages)
            {
                Set(at, pages, isTaken: true);
                return at;
            }

            at = NextFree(end);
        }

        return -1;
    }

    /// <summary>Gives pages back.</summary>
    public void Give(int first, int pages)
    {
        Set(first, pages, isTaken: false);
        _firstFree = Math.Min(_firstFree, first);
    }

    private int NextFree(int from)
    {
        for (int word = from / WordBits; word < _taken.Length; word++)
        {
            ulong free = ~_taken[word];
            free &= word == from / WordBits ? ulong.MaxValue << (from % WordBits) : ulong.MaxValue;
            if (free != 0)
            {
                return (word * WordBits) + BitOperations.TrailingZeroCount(free);
            }
        }

        return count;
    }

    private int NextTaken(int from, int end)
    {
        for (int word = from / WordBits; word * WordBits < end; word++)
        {
            ulong taken = _taken[word];
            taken &= word == from / WordBits ? ulong.MaxValue << (from % WordBits) : ulong.MaxValue;
            if (taken != 0)
            {
                return Math.Min(end, (word * WordBits) + BitOperations.TrailingZeroCount(taken));
            }
        }

        return end;
    }

    private void Set(int first, int pages, bool isTaken)
    {
        for (int at = first; at < first + pages;)
        {
            int bits = Math.Min(WordBits - (at % WordBits), first + pages - at);
            ulong mask = (bits == WordBits ? ulong.MaxValue : (1UL << bits) - 1) << (at % WordBits);
            _taken[at / WordBits] = isTaken ? _taken[at / WordBits] | mask : _taken[at / WordBits] & ~mask;
            at += bits;
        }
    }
}
