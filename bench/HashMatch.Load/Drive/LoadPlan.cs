namespace HashMatch.Load.Drive;

/// <summary>Which item each call carries: by its number alone, so that two services get the same ones.</summary>
/// <param name="parts">One at least.</param>
/// <param name="hitRate">Share of the uploads that must match.</param>
/// <param name="seed">Another seed, another order.</param>
internal sealed class LoadPlan(IReadOnlyList<PlanPart> parts, double hitRate, int seed)
{
    private readonly double _weights = parts.Sum(part => part.Weight);

    /// <summary>Every item, those that must match first.</summary>
    public IEnumerable<LoadItem> All => parts.SelectMany(part => part.Listed.Concat(part.Items));

    /// <summary>Those that must match.</summary>
    public IEnumerable<LoadItem> Listed => parts.SelectMany(part => part.Listed);

    /// <summary>Mean bytes of a call's pictures; null where no call is one.</summary>
    public double? PictureBytes
    {
        get
        {
            (double Weight, double Bytes)[] pictures = [.. parts
                .Where(part => part.Items[0] is PictureItem)
                .Select(part => (part.Weight, part.Items.Average(item => ((PictureItem)item).File.Length)))];
            return pictures.Length == 0
                ? null
                : pictures.Sum(part => part.Weight * part.Bytes) / pictures.Sum(part => part.Weight);
        }
    }

    /// <summary>The item of a call.</summary>
    public LoadItem At(long number)
    {
        ulong state = (ulong)number ^ ((ulong)seed << 40);
        double place = Next(ref state) * _weights;
        PlanPart part = parts[^1];
        foreach (PlanPart each in parts)
        {
            if ((place -= each.Weight) < 0)
            {
                part = each;
                break;
            }
        }

        bool isHit = Next(ref state) < hitRate && part.Listed.Count > 0;
        IReadOnlyList<LoadItem> items = isHit ? part.Listed : part.Items;
        return items[(int)(Next(ref state) * items.Count)];
    }

    // SplitMix64 (Steele, Lea and Flood, 2014), as a share.
    private static double Next(ref ulong state)
    {
        ulong mixed = state += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1ul << 53));
    }
}
