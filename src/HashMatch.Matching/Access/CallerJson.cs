using System.Text.Json.Serialization;

namespace HashMatch.Matching.Access;

/// <summary>JSON of what this room stores.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CallerDefinition))]
internal sealed partial class CallerJson : JsonSerializerContext;
