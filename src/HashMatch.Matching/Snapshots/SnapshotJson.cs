using System.Text.Json.Serialization;

namespace HashMatch.Matching.Snapshots;

/// <summary>JSON of a snapshot's list frames.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SnapshotList))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
