namespace HashMatch.Matching.Index;

/// <summary>
/// How many hold something that is freed by the last one; a field of what is held, never copied. What is freed stays
/// so.
/// </summary>
internal struct ReferenceCount
{
    private int _count;

    /// <summary>Held by its maker.</summary>
    public static ReferenceCount One => new() { _count = 1 };

    /// <summary>Whether nobody holds it any more.</summary>
    public bool IsFree => Volatile.Read(ref _count) <= 0;

    /// <summary>Holds it too, unless it is freed.</summary>
    public bool TryAdd()
    {
        int count = Volatile.Read(ref _count);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    /// <returns>Whether it was the last one: the caller frees.</returns>
    public bool Release()
    {
        int count = Interlocked.Decrement(ref _count);
        return count >= 0 ? count == 0 : throw new InvalidOperationException("More let go than held.");
    }
}
