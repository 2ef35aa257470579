using System.Text.Json.Serialization;

namespace HashMatch.Matching.Lists;

/// <summary>JSON of what the Lists room stores.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ListDocument))]
[JsonSerializable(typeof(VersionManifest))]
[JsonSerializable(typeof(MatchPolicy))]
internal sealed partial class ListJson : JsonSerializerContext;
