using System.Text.Json;

namespace HashMatch.Matching.Formats;

/// <summary>Fields of a JSON record, whatever case their names have; a wrong one fails its record.</summary>
internal static class JsonFields
{
    /// <summary>Finds a field; null is as if it were not there.</summary>
    public static bool TryFind(JsonElement record, string name, out JsonElement field)
    {
        if (!record.TryGetProperty(name, out field))
        {
            foreach (JsonProperty property in record.EnumerateObject())
            {
                if (SameName(property, name))
                {
                    field = property.Value;
                    break;
                }
            }
        }

        return field.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
    }

    /// <summary>A text, or a number or truth value as text; empty when it is not there.</summary>
    public static string Text(JsonElement record, string name, RecordLines lines) =>
        TryFind(record, name, out JsonElement field) ? TextOf(field, name, lines) : "";

    /// <summary>An element as text.</summary>
    public static string TextOf(JsonElement field, string name, RecordLines lines)
    {
        switch (field.ValueKind)
        {
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return field.GetRawText();
            case JsonValueKind.String:
                try
                {
                    return field.GetString() ?? "";
                }
                catch (InvalidOperationException)
                {
                    lines.Fail($"{name} is not valid Unicode");
                    return "";
                }

            default:
                lines.Fail($"{name} is {Word(field.ValueKind)}: it must be a text");
                return "";
        }
    }

    /// <summary>A text that must be there.</summary>
    public static string Needed(JsonElement record, string name, RecordLines lines)
    {
        string text = Text(record, name, lines);
        if (text.Length == 0)
        {
            lines.Fail($"it has no {name}");
        }

        return text;
    }

    /// <summary>True or false, as such, as text of any case, or as 1 or 0; false when it is not there.</summary>
    public static bool Truth(JsonElement record, string name, RecordLines lines)
    {
        string text = Text(record, name, lines).Trim();
        if (text is "" or "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (text is not "1" && !text.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            lines.Fail($"{name} is neither true nor false");
        }

        return true;
    }

    /// <summary>The elements of an array; none when it is not there.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement record, string name, RecordLines lines)
    {
        if (!TryFind(record, name, out JsonElement field))
        {
            return [];
        }

        if (field.ValueKind == JsonValueKind.Array)
        {
            return field.EnumerateArray();
        }

        lines.Fail($"{name} is {Word(field.ValueKind)}: it must be an array");
        return [];
    }

    /// <summary>The objects of an array; another element fails the record.</summary>
    public static IEnumerable<JsonElement> Objects(JsonElement record, string name, RecordLines lines)
    {
        foreach (JsonElement item in Items(record, name, lines))
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                yield return item;
            }
            else
            {
                lines.Fail($"{name} holds {Word(item.ValueKind)}: it must hold objects");
            }
        }
    }

    /// <summary>What a value is, for a person.</summary>
    public static string Word(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    // A name that is no Unicode is nobody's.
    private static bool SameName(JsonProperty property, string name)
    {
        try
        {
            return property.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
