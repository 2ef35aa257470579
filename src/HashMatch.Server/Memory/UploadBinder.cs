using Google.Protobuf;
using Grpc.Core;
using HashMatch.Server.Services;
using V1 = HashMatch.Proto.V1;

namespace HashMatch.Server.Memory;

/// <summary>
/// Binds the generated service, with the messages that hold uploads read into the arena. gRPC finds both members by
/// their names.
/// </summary>
public static class UploadBinder
{
    private static readonly Dictionary<Type, object> Marshallers = new()
    {
        [typeof(V1.MatchRequest)] = Of(
            V1.MatchRequest.Parser, V1.MatchRequest.ImageFieldNumber, (message, image) => message.Image = image),
        [typeof(V1.MatchUploadRequest)] = Of(
            V1.MatchUploadRequest.Parser,
            V1.MatchUploadRequest.ChunkFieldNumber,
            (message, chunk) => message.Chunk = chunk),
        [typeof(V1.MatchStreamRequest)] = Of(
            V1.MatchStreamRequest.Parser,
            V1.MatchStreamRequest.ImageFieldNumber,
            (message, image) => message.Image = image),
        [typeof(V1.HashRequest)] = Of(
            V1.HashRequest.Parser, V1.HashRequest.ImageFieldNumber, (message, image) => message.Image = image),
    };

    /// <summary>What the service is.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => V1.Matching.Descriptor;

    /// <summary>Adds the service's methods.</summary>
    /// <param name="binder">Takes them.</param>
    /// <param name="service">Not looked at: an instance is made for each call.</param>
    public static void BindService(ServiceBinderBase binder, MatchingServiceBase? service) =>
        V1.Matching.BindService(new ArenaBinder(binder), null);

    private static Marshaller<T> Of<T>(MessageParser<T> parser, int field, Action<T, ByteString> set)
        where T : class, IMessage<T>
    {
        var fields = new UploadFields<T>(parser, field, set);
        return new Marshaller<T>(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => fields.Read(context.PayloadAsReadOnlySequence()));
    }

    private sealed class ArenaBinder(ServiceBinderBase binder) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Read(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Read(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Read(method), handler);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(Read(method), handler);

        private static Method<TRequest, TResponse> Read<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class =>
            Marshallers.TryGetValue(typeof(TRequest), out object? marshaller)
                ? new Method<TRequest, TResponse>(
                    method.Type,
                    method.ServiceName,
                    method.Name,
                    (Marshaller<TRequest>)marshaller,
                    method.ResponseMarshaller)
                : method;
    }
}
