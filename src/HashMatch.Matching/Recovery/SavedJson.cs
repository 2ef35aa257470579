using System.Text.Json.Serialization;
using HashMatch.Matching.Stores;

namespace HashMatch.Matching.Recovery;

/// <summary>JSON of saved lists.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SavedLists))]
[JsonSerializable(typeof(StoredList))]
internal sealed partial class SavedJson : JsonSerializerContext;
