using System.Text.Json;
using System.Text.Json.Serialization;

namespace HashMatch.Matching;

/// <summary>Names of lists as an array of texts.</summary>
internal sealed class ListNamesJson : JsonConverter<ListNames>
{
    public override ListNames Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Names of lists are an array.");
        }

        List<string> names = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            names.Add(reader.GetString()!);
        }

        return reader.TokenType == JsonTokenType.EndArray
            ? new ListNames(names)
            : throw new JsonException("Names of lists are texts.");
    }

    public override void Write(Utf8JsonWriter writer, ListNames value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (string name in value)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }
}
