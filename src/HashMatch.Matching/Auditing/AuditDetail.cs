using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HashMatch.Matching.Auditing;

/// <summary>The details of a change as a flat JSON object with one spelling: names in ordinal order, no blanks, ASCII.
/// </summary>
public static class AuditDetail
{
    /// <summary>Bytes of an object.</summary>
    public const int MaxBytes = 4096;

    /// <summary>No details.</summary>
    public const string None = "{}";

    private const int MaxTextLength = 256;

    /// <summary>Spells details; those that are null are left out, long texts are cut.</summary>
    /// <param name="items">Names, each once, to whole numbers, truth values or short texts.</param>
    public static string Of(params IEnumerable<(string Name, object? Value)> items)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in items
                .Where(item => item.Value is not null)
                .OrderBy(item => item.Name, StringComparer.Ordinal))
            {
                Write(writer, name, value!);
            }

            writer.WriteEndObject();
        }

        return stream.Length <= MaxBytes
            ? Encoding.ASCII.GetString(stream.GetBuffer(), 0, (int)stream.Length)
            : throw new ArgumentException($"Details hold {MaxBytes} bytes at most.", nameof(items));
    }

    /// <summary>Spells details again as they were read; null when they are no flat object.</summary>
    internal static string? Respell(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        List<(string Name, object? Value)> items = [];
        foreach (JsonProperty item in element.EnumerateObject())
        {
            object? value = item.Value.ValueKind switch
            {
                JsonValueKind.String => item.Value.GetString(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number when item.Value.TryGetInt64(out long number) => number,
                _ => null,
            };
            if (value is null || (value is string text && text.Length > MaxTextLength))
            {
                return null;
            }

            items.Add((item.Name, value));
        }

        try
        {
            return Of(items);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A text cut to a length, never inside a pair of surrogates.</summary>
    internal static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private static void Write(Utf8JsonWriter writer, string name, object value)
    {
        switch (value)
        {
            case bool truth:
                writer.WriteBoolean(name, truth);
                break;
            case string text:
                writer.WriteString(name, Cut(text, MaxTextLength));
                break;
            case int or long:
                writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"{name} is neither a whole number, nor a truth value, nor a text.");
        }
    }
}
