using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HashMatch.IntegrationTests.Server;
using HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>Calls every method of the API, whatever it is, with messages whose every field is filled.</summary>
/// <param name="invoker">The connection.</param>
/// <param name="text">What text fields say.</param>
/// <param name="bytes">What bytes fields hold.</param>
internal sealed class ApiCaller(CallInvoker invoker, string text, ByteString bytes)
{
    private const int MaxDepth = 4;

    /// <summary>Every method of every service of the protos.</summary>
    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. typeof(MatchRequest).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>()
            .SelectMany(file => file.Services)
            .SelectMany(service => service.Methods),
    ];

    /// <summary>Calls one, and does not mind what it says.</summary>
    /// <returns>The status.</returns>
    public async Task<StatusCode> CallAsync(MethodDescriptor method, Metadata headers, CancellationToken cancellation)
    {
        MethodType type = (method.IsClientStreaming, method.IsServerStreaming) switch
        {
            (false, false) => MethodType.Unary,
            (true, false) => MethodType.ClientStreaming,
            (false, true) => MethodType.ServerStreaming,
            _ => MethodType.DuplexStreaming,
        };
        var raw = new Method<IMessage, byte[]>(
            type,
            method.Service.FullName,
            method.Name,
            Marshallers.Create<IMessage>(message => message.ToByteArray(), _ => throw new NotSupportedException()),
            Marshallers.Create(message => message, message => message));
        // Some methods answer until they are told to stop.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            using AsyncDuplexStreamingCall<IMessage, byte[]> call = invoker.AsyncDuplexStreamingCall(
                raw, null, new CallOptions(headers, cancellationToken: limit.Token));
            await call.RequestStream.SendAsync(
                Enumerable.Range(0, method.IsClientStreaming ? 3 : 1).Select(i => Fill(method.InputType, i, 0)),
                limit.Token);
            for (int i = 0; i < 10 && await call.ResponseStream.MoveNext(limit.Token); i++)
            {
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    // Of fields of which one alone can be set, each message has another.
    private IMessage Fill(MessageDescriptor type, int number, int depth)
    {
        IMessage message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (FieldDescriptor field in type.Fields.InFieldNumberOrder())
        {
            if (field.IsMap || (field.FieldType == FieldType.Message && depth == MaxDepth)
                || (field.RealContainingOneof is { } one && one.Fields[number % one.Fields.Count] != field))
            {
                continue;
            }

            object value = Value(field, number, depth);
            if (field.IsRepeated)
            {
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }

        return message;
    }

    private object Value(FieldDescriptor field, int number, int depth) => field.FieldType switch
    {
        FieldType.String => text,
        FieldType.Bytes => bytes,
        FieldType.Message => Fill(field.MessageType, number, depth + 1),
        FieldType.Bool => false,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        FieldType.Float => 1f,
        FieldType.Double => 1d,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => 1,
        FieldType.UInt32 or FieldType.Fixed32 => 1u,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 1L,
        FieldType.UInt64 or FieldType.Fixed64 => 1ul,
        _ => throw new NotSupportedException(field.FullName),
    };
}
