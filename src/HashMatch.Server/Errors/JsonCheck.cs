using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace HashMatch.Server.Errors;

/// <summary>
/// Whether a JSON body is a message: what the transcoder would refuse in its own words, and without a reason, is
/// refused here by the name of the field. A field that stands twice is refused as well: two readers of one text could
/// each take another one of them. Fields that the message does not have are passed over, as the transcoder does.
/// </summary>
/// <param name="upload">A field of bytes at the top that somebody else reads; null for none.</param>
internal sealed class JsonCheck(FieldDescriptor? upload)
{
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
                return RpcErrors.InvalidField(fault.Path, fault.What);
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
    public static RpcException? CheckText(MessageDescriptor message, string path, string text)
    {
        MessageDescriptor? at = message;
        FieldDescriptor? field = null;
        foreach (string name in path.Split('.'))
        {
            field = at?.Fields.InDeclarationOrder().FirstOrDefault(each => each.Name == name || each.JsonName == name);
            at = field is { FieldType: FieldType.Message, IsMap: false } ? field.MessageType : null;
        }

        return field is null || IsText(field, text) ? null : RpcErrors.InvalidField(path, ExpectedOf(field));
    }

    private Fault? Object(ref Utf8JsonReader reader, MessageDescriptor message)
    {
        (UInt128 fields, UInt128 oneofs) = (0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            FieldDescriptor? field = FieldOf(ref reader, message);
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
            JsonTokenType.StartObject when field.FieldType == FieldType.Message => true,
            JsonTokenType.True or JsonTokenType.False => field.FieldType == FieldType.Bool,
            JsonTokenType.Number => field.FieldType is not (FieldType.Bool or FieldType.String or FieldType.Bytes
                or FieldType.Message) && IsText(field, NumberOf(ref reader)),
            JsonTokenType.String when field == upload => true,
            JsonTokenType.String => field.FieldType is not (FieldType.Bool or FieldType.Int32 or FieldType.SInt32
                    or FieldType.SFixed32 or FieldType.UInt32 or FieldType.Fixed32)
                && TextOf(ref reader) is { } text && IsText(field, text),
            _ => false,
        };
        return !isRight ? new Fault("", ExpectedOf(field))
            : reader.TokenType == JsonTokenType.StartObject ? Object(ref reader, field.MessageType)
            : null;
    }

    private static bool IsText(FieldDescriptor field, string text) => field.FieldType switch
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

    private static string ExpectedOf(FieldDescriptor field) => field.FieldType switch
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

    private static FieldDescriptor? FieldOf(ref Utf8JsonReader reader, MessageDescriptor message)
    {
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            if (reader.ValueTextEquals(field.JsonName) || reader.ValueTextEquals(field.Name))
            {
                return field;
            }
        }

        return null;
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
