namespace HashMatch.Matching.Index;

/// <summary>The ways to flip a few bits of a bucket's number.</summary>
internal static class FlipMasks
{
    private static readonly uint[]?[] Known = new uint[]?[33 * 33];

    /// <summary>Numbers of <paramref name="width"/> bits of which exactly <paramref name="flips"/> are set: pinned, and
    /// kept for good, since plans point into them.</summary>
    public static uint[] Of(int width, int flips)
    {
        ref uint[]? known = ref Known[(width * 33) + flips];
        if (Volatile.Read(ref known) is { } masks)
        {
            return masks;
        }

        uint[] created = Create(width, flips);
        // Of threads that come together all get the one that stays: another would be collected under its plan.
        return Interlocked.CompareExchange(ref known, created, null) ?? created;
    }

    /// <summary>How many there are; more than any plan takes when it does not fit.</summary>
    public static long Count(int width, int flips)
    {
        double count = 1;
        for (int i = 0; i < flips; i++)
        {
            count = count * (width - i) / (i + 1);
        }

        return (long)Math.Round(count);
    }

    private static uint[] Create(int width, int flips)
    {
        uint[] masks = GC.AllocateUninitializedArray<uint>(checked((int)Count(width, flips)), pinned: true);
        int count = 0;
        ulong mask = (1ul << flips) - 1;
        while (mask < 1ul << width && count < masks.Length)
        {
            masks[count++] = (uint)mask;
            if (mask == 0)
            {
                break;
            }

            // The next larger number with as many bits set.
            ulong carried = mask + (mask & (~mask + 1));
            mask = carried | (((mask ^ carried) >> 2) / (mask & (~mask + 1)));
        }

        return masks;
    }
}
