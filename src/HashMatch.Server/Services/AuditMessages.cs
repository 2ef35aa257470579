using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using HashMatch.Matching.Auditing;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Services;

/// <summary>The audit log's messages at the edge.</summary>
public static class AuditMessages
{
    public static V1.AuditRecord Of(AuditView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Record is not { } record
            ? new V1.AuditRecord
            {
                Sequence = (ulong)Math.Max(view.Place, 0),
                Effect = V1.AuditEffect.Unknown,
                Damaged = true,
            }
            : new V1.AuditRecord
            {
                Sequence = (ulong)record.Sequence,
                Time = Timestamp.FromDateTimeOffset(record.At),
                Actor = record.Actor,
                Action = record.Action,
                Subject = record.Subject,
                Detail = record.Detail,
                Effect = (V1.AuditEffect)((int)view.Effect + 1),
                Record = ByteString.CopyFrom(record.Encode()),
            };
    }

    /// <summary>A checkpoint; null when there is none.</summary>
    public static V1.GetCheckpointResponse Of(AuditCheckpoint? checkpoint) => checkpoint is null
        ? new V1.GetCheckpointResponse()
        : new V1.GetCheckpointResponse
        {
            Sequence = (ulong)checkpoint.Sequence,
            Checkpoint = ByteString.CopyFrom(checkpoint.Encode()),
            Time = Timestamp.FromDateTimeOffset(checkpoint.At),
            Key = checkpoint.Key,
        };
}
