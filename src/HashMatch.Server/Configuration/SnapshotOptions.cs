using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>Lists saved on this machine's disk, for a start while the store is away.</summary>
public sealed record SnapshotOptions
{
    /// <summary>A folder of this server's own; null: nothing is saved.</summary>
    public string? Folder { get; init; }

    /// <summary>A file with the key that they are encrypted with: 32 bytes, or 64 hex digits, or base64. Its owner
    /// alone may write it, and others may not read it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether they may be saved without a key, readable by whoever reads the disk.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Age from which a start does without them: since the store was last known to say the same.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>So long a start waits for the store before it matches against them.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Bytes that they may take; larger lists are not saved.</summary>
    [Range(1_048_576, long.MaxValue)]
    public long MaxBytes { get; init; } = 16L << 30;
}
