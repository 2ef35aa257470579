namespace HashMatch.Load.Scale;

/// <summary>What a number of entries asks for, on one replica that holds all of them.</summary>
internal sealed record EntriesFigures
{
    public double Entries { get; init; }

    /// <summary>A query, of one core.</summary>
    public double LookupMicroseconds { get; init; }

    /// <summary>While it serves.</summary>
    public double GiB { get; init; }

    /// <summary>While it builds the index of a whole new version beside the old one.</summary>
    public double ReloadGiB { get; init; }

    /// <summary>From a process's start to ready, with a Redis that nobody else asks.</summary>
    public double ColdStartSeconds { get; init; }

    /// <summary>That Redis holds for one version.</summary>
    public double RedisGiB { get; init; }

    /// <summary>What every replica reads again at an edit, were it one list.</summary>
    public double ManifestKiB { get; init; }

    /// <summary>Lists that the entries must be in, since a manifest is one blob.</summary>
    public int Lists { get; init; }

    /// <summary>Parts that the entries must be in, so that a reload fits the machine.</summary>
    public int Groups { get; init; }
}
