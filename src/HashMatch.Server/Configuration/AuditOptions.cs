using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>When the audit log is signed.</summary>
public sealed record AuditOptions
{
    /// <summary>A file with an Ed25519 private key in PEM, for the server's account alone; null: nothing is signed.
    /// </summary>
    public string? SigningKey { get; init; }

    /// <summary>Records after which a checkpoint is signed.</summary>
    [Range(1, 1_000_000)]
    public int CheckpointRecords { get; init; } = 100;

    /// <summary>Time after which a checkpoint is signed, if there are new records.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);
}
