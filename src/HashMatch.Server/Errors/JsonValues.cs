using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace HashMatch.Server.Errors;

/// <summary>What a field's value may be written as.</summary>
internal static class JsonValues
{
    private const long MostDigits = int.MaxValue;

    private const NumberStyles Number =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Whether it is a message that JSON writes as text.</summary>
    public static bool IsTime(FieldDescriptor field) => field.FieldType == FieldType.Message
        && (field.MessageType == Timestamp.Descriptor || field.MessageType == Duration.Descriptor);

    /// <summary>Whether it holds whole numbers.</summary>
    public static bool IsWhole(FieldDescriptor field) => field.FieldType is FieldType.Int32 or FieldType.SInt32
        or FieldType.SFixed32 or FieldType.UInt32 or FieldType.Fixed32 or FieldType.Int64 or FieldType.SInt64
        or FieldType.SFixed64 or FieldType.UInt64 or FieldType.Fixed64;

    /// <summary>A whole number in digits alone, however it is written, as 7e1; null where the field cannot hold
    /// it.</summary>
    public static string? Whole(FieldDescriptor field, string text)
    {
        // A decimal is rounded: of what is no whole number it could be one.
        if (!IsWhole(text) || !decimal.TryParse(text, Number, CultureInfo.InvariantCulture, out decimal number))
        {
            return null;
        }

        string digits = number == 0 ? "0" : number.ToString("F0", CultureInfo.InvariantCulture);
        return IsText(field, digits) ? digits : null;
    }

    // Whether no digit but zero lies behind the point, wherever the exponent moves it.
    private static bool IsWhole(string text)
    {
        int end = text.AsSpan().IndexOfAny('e', 'E');
        string digits = end < 0 ? text : text[..end];
        long exponent = 0;
        if (end >= 0 && !long.TryParse(
            text.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        int point = digits.IndexOf('.', StringComparison.Ordinal);
        string all = digits.Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        return all.Trim('-', '+', '0').Length == 0
            || all.Length <= (point < 0 ? digits.Length : point) + Math.Clamp(exponent, -MostDigits, MostDigits);
    }

    /// <summary>Base64 in its first alphabet, padded and without bits behind its last byte, from either alphabet,
    /// padded or not; null where it is neither.</summary>
    public static string? Base64(string text)
    {
        string plain = text.Replace('-', '+').Replace('_', '/');
        int rest = plain.Length % 4;
        plain = rest is 2 or 3 && !plain.Contains('=', StringComparison.Ordinal)
            ? plain.PadRight(plain.Length + 4 - rest, '=')
            : plain;
        byte[] bytes = new byte[plain.Length];
        return Convert.TryFromBase64String(plain, bytes, out int count)
            ? Convert.ToBase64String(bytes, 0, count)
            : null;
    }

    /// <summary>Whether a path or a query may say it so.</summary>
    public static bool IsText(FieldDescriptor field, string text) => field.FieldType switch
    {
        FieldType.String => true,
        FieldType.Bool => bool.TryParse(text, out _),
        FieldType.Bytes => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => int.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        FieldType.UInt32 or FieldType.Fixed32 => uint.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => long.TryParse(
            text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        FieldType.UInt64 or FieldType.Fixed64 => ulong.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        FieldType.Float or FieldType.Double => double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        FieldType.Enum => field.EnumType.FindValueByName(text) is not null
            || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        FieldType.Message when field.MessageType == Timestamp.Descriptor => IsMessage<Timestamp>(text),
        FieldType.Message when field.MessageType == Duration.Descriptor => IsMessage<Duration>(text),
        _ => false,
    };

    private static bool IsMessage<T>(string text)
        where T : IMessage<T>, new()
    {
        try
        {
            _ = JsonParser.Default.Parse<T>(JsonSerializer.Serialize(text));
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    /// <summary>What the field takes, for a person.</summary>
    public static string ExpectedOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "must be text",
        FieldType.Bool => "must be true or false",
        FieldType.Bytes => "must be text in base64",
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => "must be a whole number of 32 bits",
        FieldType.UInt32 or FieldType.Fixed32 => "must be a whole number of 32 bits, not below 0",
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => "must be a whole number of 64 bits",
        FieldType.UInt64 or FieldType.Fixed64 => "must be a whole number of 64 bits, not below 0",
        FieldType.Float or FieldType.Double => "must be a number",
        FieldType.Enum => $"must be one of {string.Join(", ", field.EnumType.Values.Select(value => value.Name))}",
        FieldType.Message when field.MessageType == Timestamp.Descriptor =>
            "must be a time such as 2027-01-31T12:00:00Z",
        FieldType.Message when field.MessageType == Duration.Descriptor => "must be a time such as 1.5s",
        _ => "must be an object",
    };
}
