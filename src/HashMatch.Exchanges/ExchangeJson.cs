using System.Text.Json.Serialization;
using HashMatch.Exchanges.Feedback;

namespace HashMatch.Exchanges;

/// <summary>JSON of what this room stores.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ExchangeState))]
[JsonSerializable(typeof(FeedbackItem))]
internal sealed partial class ExchangeJson : JsonSerializerContext;
