using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HashMatch.Server.Errors;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.Net.Http.Headers;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Memory;

/// <summary>
/// Looks at what comes in JSON before it is transcoded: a body that is no message is refused, and an upload is taken
/// out of it, from the transport's buffers into the arena, since transcoding would make text and arrays of it.
/// </summary>
internal static class JsonUploads
{
    private const string UploadField = "image";
    private const string JsonType = "application/json";
    private const int MaxPadding = 2;

    private static readonly Dictionary<string, Names> Messages = new[]
        {
            V1.Matching.Descriptor, V1.HashLists.Descriptor, V1.Events.Descriptor, V1.Audit.Descriptor,
        }
        .SelectMany(service => service.Methods)
        .ToDictionary(method => method.FullName, method => new Names(method.InputType));

    /// <summary>Does it where the request is one.</summary>
    /// <exception cref="RpcException">A request that is no message, or an upload that cannot be taken.</exception>
    /// <exception cref="BadHttpRequestException">The transport gave up on the body.</exception>
    public static async Task TakeAsync(HttpContext http, UploadScope scope)
    {
        HttpRequest request = http.Request;
        // Of gRPC's own addresses the framework says what they take.
        if (http.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>()?.MethodDescriptor is not { } method
            || !Messages.TryGetValue(method.FullName, out Names? names))
        {
            return;
        }

        CheckTexts(request, names.Message);
        if (!(HttpMethods.IsPost(request.Method) || HttpMethods.IsPatch(request.Method))
            || !IsJson(request.ContentType))
        {
            return;
        }

        // The transcoder looks for an encoding by the charset as it is written, quotes and all.
        request.ContentType = JsonType;

        // The request's reader is another one once its body is.
        PipeReader reader = request.BodyReader;
        ReadOnlySequence<byte> body = await ReadAsync(reader, http.RequestAborted);
        SequencePosition consumed = body.End;
        var check = new JsonCheck(names.Upload);
        try
        {
            if (check.Check(body, names.Message) is { } refusal)
            {
                throw refusal;
            }

            ArrayBufferWriter<byte> rest = new(256);
            if (names.Upload is { } upload)
            {
                Take(body, upload, scope, check.Edits, rest);
            }
            else if (check.Edits.Any)
            {
                check.Edits.Copy(body, 0, body.Length, rest);
            }
            else
            {
                // Left to the transcoder.
                consumed = body.Start;
                return;
            }

            request.Body = new MemoryStream(rest.WrittenSpan.ToArray(), writable: false);
            request.ContentLength = rest.WrittenCount;
        }
        finally
        {
            reader.AdvanceTo(consumed);
        }
    }

    private static async Task<ReadOnlySequence<byte>> ReadAsync(
        PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation);
            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // Of paths and queries the transcoder's words name no field either.
    private static void CheckTexts(HttpRequest request, MessageDescriptor message)
    {
        HashSet<string> seen = [];
        foreach ((string name, object? value) in request.RouteValues)
        {
            Check(name, value as string);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Query)
        {
            foreach (string? value in values)
            {
                Check(name, value);
            }
        }

        void Check(string name, string? text)
        {
            if (JsonCheck.CheckText(message, name, text ?? "", seen) is { } refusal)
            {
                throw refusal;
            }
        }
    }

    // As the transcoder tells it; other encodings than UTF-8 would pass through text.
    private static bool IsJson(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !(type.MediaType.Equals(JsonType, StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        return !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset)
                .Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw RpcErrors.InvalidField("content-type", "JSON must be in UTF-8");
    }

    // Of a body that was checked.
    private static void Take(
        ReadOnlySequence<byte> body,
        FieldDescriptor upload,
        UploadScope scope,
        JsonEdits edits,
        ArrayBufferWriter<byte> rest)
    {
        rest.Write("{"u8);
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            long start = reader.TokenStartIndex;
            bool isUpload = reader.ValueTextEquals(upload.Name);
            bool isKnown = !isUpload && IsKnown(ref reader, upload.ContainingType);
            reader.Read();
            if (isUpload && reader.TokenType == JsonTokenType.String)
            {
                long at = reader.TokenStartIndex + 1;
                if (!TryDecode(body.Slice(at, reader.BytesConsumed - at - 1), reader.ValueIsEscaped, scope))
                {
                    throw RpcErrors.InvalidField(upload.Name, "must be text in base64");
                }
            }

            reader.Skip();
            if (isKnown)
            {
                rest.Write(rest.WrittenCount > 1 ? ","u8 : ""u8);
                edits.Copy(body, start, reader.BytesConsumed, rest);
            }
        }

        rest.Write("}"u8);
    }

    private static bool IsKnown(ref Utf8JsonReader reader, MessageDescriptor message)
    {
        foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
        {
            if (reader.ValueTextEquals(field.Name) || reader.ValueTextEquals(field.JsonName))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryDecode(ReadOnlySequence<byte> text, bool isEscaped, UploadScope scope)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        int length = checked((int)text.Length);
        ArenaBlock block = scope.Rent(length + MaxPadding);
        text.CopyTo(block.GetSpan());
        Span<byte> plain = block.GetSpan();
        length = isEscaped ? Unescape(plain[..length]) : length;
        plain = plain[..(length + Pad(plain, length))];
        if (Base64.DecodeFromUtf8InPlace(plain, out int written) != OperationStatus.Done)
        {
            return false;
        }

        block.Length = written;
        scope.Keep(block);
        return true;
    }

    // In place, from either alphabet to the first; returns the padding that was added. White space is passed over.
    private static int Pad(Span<byte> text, int length)
    {
        Span<byte> plain = text[..length];
        plain.Replace((byte)'-', (byte)'+');
        plain.Replace((byte)'_', (byte)'/');
        if (plain.Contains((byte)'='))
        {
            return 0;
        }

        int characters = length - plain.Count((byte)' ') - plain.Count((byte)'\t')
            - plain.Count((byte)'\n') - plain.Count((byte)'\r');
        int padding = characters % 4 is 2 or 3 ? 4 - (characters % 4) : 0;
        text.Slice(length, padding).Fill((byte)'=');
        return padding;
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

    private sealed class Names(MessageDescriptor message)
    {
        public MessageDescriptor Message { get; } = message;

        /// <summary>What the arena takes; null where nothing is.</summary>
        public FieldDescriptor? Upload { get; } = message.FindFieldByName(UploadField);
    }
}
