using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace HashMatch.Server.Errors;

/// <summary>
/// Whether a JSON body is a message: what the transcoder would refuse in its own words, and without a reason, is
/// refused here by the name of the field. A field that stands twice is refused as well: two readers of one text could
/// each take another one of them. Fields that the message does not have are passed over, as the transcoder does. Of
/// one body.
/// </summary>
/// <param name="upload">A field of bytes at the top that somebody else reads; null for none.</param>
internal sealed class JsonCheck(FieldDescriptor? upload)
{
    // A name that no field has, which the transcoder passes over.
    private static ReadOnlySpan<byte> NoField => "\"\":0"u8;

    /// <summary>What the transcoder is to read instead, where nothing is wrong.</summary>
    public JsonEdits Edits { get; } = new();

    /// <summary>What is wrong with a body; null when nothing is.</summary>
    /// <param name="body">The whole of it.</param>
    /// <param name="message">What it is to be.</param>
    public RpcException? Check(in ReadOnlySequence<byte> body, MessageDescriptor message)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return RpcErrors.MalformedJson("is not a JSON object");
            }

            if (Object(ref reader, message) is { } fault)
            {
                return fault.Path.Length == 0
                    ? RpcErrors.MalformedJson(fault.What)
                    : RpcErrors.InvalidField(fault.Path, fault.What);
            }

            // What stands behind the object.
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            return RpcErrors.MalformedJson(string.Create(
                CultureInfo.InvariantCulture,
                $"is not JSON from line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}, on"));
        }
    }

    /// <summary>What is wrong with a value of a path or a query; null when nothing is, or the message has no such
    /// field.</summary>
    /// <param name="message">What it is a part of.</param>
    /// <param name="path">The field, as the caller writes it.</param>
    /// <param name="text">The value.</param>
    /// <param name="seen">The fields that stood before, and then this one.</param>
    public static RpcException? CheckText(
        MessageDescriptor message, string path, string text, HashSet<string> seen)
    {
        MessageDescriptor? at = message;
        FieldDescriptor? field = null;
        List<string> names = [];
        foreach (string name in path.Split('.'))
        {
            field = at?.Fields.InDeclarationOrder().FirstOrDefault(each => each.Name == name || each.JsonName == name);
            at = field is { FieldType: FieldType.Message, IsMap: false } ? field.MessageType : null;
            names.Add(field?.Name ?? "");
        }

        if (field is null)
        {
            return null;
        }

        return !JsonValues.IsText(field, text) ? RpcErrors.InvalidField(path, JsonValues.ExpectedOf(field))
            : !seen.Add(string.Join('.', names)) && !field.IsRepeated ? RpcErrors.InvalidField(path, "stands twice")
            : null;
    }

    private Fault? Object(ref Utf8JsonReader reader, MessageDescriptor message)
    {
        (UInt128 fields, UInt128 oneofs) = (0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            long start = reader.TokenStartIndex;
            if (!TryFieldOf(ref reader, message, out FieldDescriptor? field))
            {
                return new Fault("", "has a field whose name is no text");
            }

            if (field is null)
            {
                // Its name is the caller's, and is not said again.
                reader.Skip();
                continue;
            }

            if (!IsFirst(ref fields, field.Index))
            {
                return new Fault(field.Name, "stands twice");
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                // As if it were left out.
                Edits.Replace(start, reader.BytesConsumed, NoField);
                continue;
            }

            if (field.RealContainingOneof is { } oneof && !IsFirst(ref oneofs, oneof.Index))
            {
                return new Fault(field.Name, $"stands beside another {oneof.Name}");
            }

            if (Values(ref reader, field) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    // Messages have less than 128 fields.
    private static bool IsFirst(ref UInt128 seen, int index)
    {
        UInt128 bit = UInt128.One << index;
        bool isFirst = (seen & bit) == 0;
        seen |= bit;
        return isFirst;
    }

    private Fault? Values(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return Map(ref reader, field);
        }

        if (!field.IsRepeated)
        {
            return Value(ref reader, field)?.Within(field.Name);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new Fault(field.Name, "must be an array");
        }

        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (Value(ref reader, field) is { } fault)
            {
                return fault.Within(string.Create(CultureInfo.InvariantCulture, $"{field.Name}[{i}]"));
            }
        }

        return null;
    }

    private Fault? Map(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new Fault(field.Name, "must be an object");
        }

        HashSet<string> seen = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (TextOf(ref reader) is not { } key || !seen.Add(key))
            {
                return new Fault(field.Name, "has a key that stands twice, or is no text");
            }

            reader.Read();
            if (Value(ref reader, field.MessageType.FindFieldByNumber(2)) is { } fault)
            {
                return fault.Within(field.Name);
            }
        }

        return null;
    }

    private Fault? Value(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        bool isRight = reader.TokenType switch
        {
            JsonTokenType.StartObject => field.FieldType == FieldType.Message && !JsonValues.IsTime(field),
            JsonTokenType.True or JsonTokenType.False => field.FieldType == FieldType.Bool,
            JsonTokenType.Number => Number(ref reader, field),
            JsonTokenType.String => field == upload || Text(ref reader, field),
            _ => false,
        };
        return !isRight ? new Fault("", JsonValues.ExpectedOf(field))
            : reader.TokenType == JsonTokenType.StartObject ? Object(ref reader, field.MessageType)
            : null;
    }

    private bool Number(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (field.FieldType is FieldType.Float or FieldType.Double)
        {
            return JsonValues.IsText(field, NumberOf(ref reader));
        }

        return (JsonValues.IsWhole(field) || field.FieldType == FieldType.Enum)
            && Whole(ref reader, field, NumberOf(ref reader), isText: false);
    }

    private bool Text(ref Utf8JsonReader reader, FieldDescriptor field)
    {
        if (TextOf(ref reader) is not { } text)
        {
            return false;
        }

        if (JsonValues.IsWhole(field))
        {
            return Whole(ref reader, field, text, isText: true);
        }

        switch (field.FieldType)
        {
            case FieldType.Bool:
                return false;
            case FieldType.Enum:
                return field.EnumType.FindValueByName(text) is not null;
            case FieldType.Bytes:
                string? plain = JsonValues.Base64(text);
                if (plain is not null && plain != text)
                {
                    Edit(ref reader, $"\"{plain}\"");
                }

                return plain is not null;
            default:
                return JsonValues.IsText(field, text);
        }
    }

    private bool Whole(ref Utf8JsonReader reader, FieldDescriptor field, string text, bool isText)
    {
        string? digits = JsonValues.Whole(field, text);
        if (digits is not null && (isText || digits != text))
        {
            Edit(ref reader, digits);
        }

        return digits is not null;
    }

    private void Edit(ref Utf8JsonReader reader, string text) => Edits.Replace(
        reader.TokenStartIndex, reader.BytesConsumed, System.Text.Encoding.UTF8.GetBytes(text));

    // Null for none; false where the name is no text, which what compares names does not bear.
    private static bool TryFieldOf(ref Utf8JsonReader reader, MessageDescriptor message, out FieldDescriptor? field)
    {
        field = null;
        if (reader.ValueIsEscaped && TextOf(ref reader) is null)
        {
            return false;
        }

        foreach (FieldDescriptor each in message.Fields.InDeclarationOrder())
        {
            if (reader.ValueTextEquals(each.JsonName) || reader.ValueTextEquals(each.Name))
            {
                field = each;
                return true;
            }
        }

        return TextOf(ref reader) is not null;
    }

    private static string NumberOf(ref Utf8JsonReader reader) => System.Text.Encoding.UTF8.GetString(
        reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray());

    // Null where escapes or bytes are of no text.
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record Fault(string Path, string What)
    {
        public Fault Within(string name) => this with { Path = Path.Length == 0 ? name : $"{name}.{Path}" };
    }
}
