using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HashMatch.Server.Errors;
using Microsoft.Net.Http.Headers;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Memory;

/// <summary>
/// Takes the upload out of a JSON body, from the transport's buffers into the arena, before the body goes on to be
/// transcoded without it: that would make text and arrays of it. A body that is no message goes on as one that is none,
/// so that it is refused as ever.
/// </summary>
internal static class JsonUploads
{
    private static readonly Dictionary<string, Names> Paths = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/v1/match"] = new Names(V1.MatchRequest.Descriptor, V1.MatchRequest.ImageFieldNumber),
        ["/v1/hash"] = new Names(V1.HashRequest.Descriptor, V1.HashRequest.ImageFieldNumber),
    };

    /// <summary>Does it where the request is one.</summary>
    /// <exception cref="RpcException">A body that cannot be taken.</exception>
    /// <exception cref="BadHttpRequestException">The transport gave up on the body.</exception>
    public static async Task TakeAsync(HttpContext http, UploadScope scope)
    {
        HttpRequest request = http.Request;
        if (!HttpMethods.IsPost(request.Method)
            || !Paths.TryGetValue(request.Path.Value?.TrimEnd('/') ?? "", out Names? names)
            || !IsJson(request.ContentType))
        {
            return;
        }

        ReadOnlySequence<byte> body;
        while (true)
        {
            System.IO.Pipelines.ReadResult read = await request.BodyReader.ReadAsync(http.RequestAborted);
            body = read.Buffer;
            if (read.IsCompleted)
            {
                break;
            }

            request.BodyReader.AdvanceTo(body.Start, body.End);
        }

        byte[] rest;
        try
        {
            rest = Take(body, names, scope);
        }
        finally
        {
            request.BodyReader.AdvanceTo(body.End);
        }

        request.Body = new MemoryStream(rest, writable: false);
        request.ContentLength = rest.Length;
    }

    // As the transcoder tells it; other encodings than UTF-8 would pass through text.
    private static bool IsJson(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        return !type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw RpcErrors.InvalidField("content-type", "JSON must be in UTF-8");
    }

    private static byte[] Take(ReadOnlySequence<byte> body, Names names, UploadScope scope)
    {
        ArrayBufferWriter<byte> rest = new(256);
        rest.Write("{"u8);
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return reader.TokenType == JsonTokenType.Null ? "null"u8.ToArray() : "[]"u8.ToArray();
            }

            (long At, long Length, bool IsEscaped)? image = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                long start = reader.TokenStartIndex;
                bool isImage = reader.ValueTextEquals(names.Upload);
                bool isKnown = !isImage && names.IsKnown(ref reader);
                _ = reader.Read();
                if (isImage)
                {
                    bool isText = reader.TokenType == JsonTokenType.String;
                    image = isText
                        ? (reader.TokenStartIndex + 1, reader.BytesConsumed - reader.TokenStartIndex - 2,
                            reader.ValueIsEscaped)
                        : null;
                    if (!isText && reader.TokenType != JsonTokenType.Null)
                    {
                        return "[]"u8.ToArray();
                    }
                }

                reader.Skip();
                if (isKnown)
                {
                    Append(rest, body.Slice(start, reader.BytesConsumed - start));
                }
            }

            // What stands behind the object.
            while (reader.Read())
            {
            }

            if (image is { } text && !TryDecode(body.Slice(text.At, text.Length), text.IsEscaped, scope))
            {
                return "[]"u8.ToArray();
            }
        }
        catch (JsonException)
        {
            return "{"u8.ToArray();
        }

        rest.Write("}"u8);
        return rest.WrittenSpan.ToArray();
    }

    private static void Append(ArrayBufferWriter<byte> rest, ReadOnlySequence<byte> property)
    {
        if (rest.WrittenCount > 1)
        {
            rest.Write(","u8);
        }

        foreach (ReadOnlyMemory<byte> part in property)
        {
            rest.Write(part.Span);
        }
    }

    private static bool TryDecode(ReadOnlySequence<byte> text, bool isEscaped, UploadScope scope)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        ArenaBlock block = scope.Rent(checked((int)text.Length));
        text.CopyTo(block.GetSpan());
        Span<byte> plain = block.GetSpan();
        plain = isEscaped ? plain[..Unescape(plain)] : plain;
        if (Base64.DecodeFromUtf8InPlace(plain, out int written) != OperationStatus.Done)
        {
            return false;
        }

        block.Length = written;
        scope.Keep(block);
        return true;
    }

    // In place. Base64 has no character that must be escaped; what is not of it becomes one that is not either.
    private static int Unescape(Span<byte> text)
    {
        int to = 0;
        for (int from = 0; from < text.Length; from++)
        {
            byte next = text[from];
            if (next == '\\')
            {
                next = text[++from];
                if (next == 'u')
                {
                    ushort code = ushort.Parse(
                        text.Slice(from + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                    next = code < 128 ? (byte)code : (byte)'!';
                    from += 4;
                }
                else
                {
                    next = next is (byte)'n' or (byte)'r' or (byte)'t' ? (byte)' ' : next == '/' ? next : (byte)'!';
                }
            }

            text[to++] = next;
        }

        return to;
    }

    private sealed class Names(MessageDescriptor message, int upload)
    {
        private readonly string[] _known =
        [
            .. message.Fields.InDeclarationOrder().Where(field => field.FieldNumber != upload)
                .SelectMany(field => new[] { field.Name, field.JsonName }).Distinct(),
        ];

        public string Upload { get; } = message.FindFieldByNumber(upload).JsonName;

        public bool IsKnown(ref Utf8JsonReader reader)
        {
            foreach (string name in _known)
            {
                if (reader.ValueTextEquals(name))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
