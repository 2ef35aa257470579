using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HashMatch.Proto.V1;

namespace HashMatch.IntegrationTests.Access;

/// <summary>The RPCs of the API, off the protos' descriptors.</summary>
public static class Rpc
{
    /// <summary>All of them, by full name.</summary>
    public static IReadOnlyDictionary<string, MethodDescriptor> All { get; } = typeof(MatchRequest).Assembly.GetTypes()
        .Where(type => type.GetProperty("Descriptor")?.PropertyType == typeof(ServiceDescriptor))
        .Select(type => (ServiceDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!)
        .SelectMany(service => service.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}");

    /// <summary>Calls with empty messages.</summary>
    /// <returns>The status, OK too.</returns>
    public static async Task<RpcException?> CallAsync(
        ChannelBase channel, MethodDescriptor method, Credential credential, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(credential);
        var bytes = Marshallers.Create(static (byte[] sent) => sent, static got => got);
        var raw = new Method<byte[], byte[]>(
            (method.IsClientStreaming, method.IsServerStreaming) switch
            {
                (false, false) => MethodType.Unary,
                (true, false) => MethodType.ClientStreaming,
                (false, true) => MethodType.ServerStreaming,
                (true, true) => MethodType.DuplexStreaming,
            },
            method.Service.FullName, method.Name, bytes, bytes);
        var headers = new Metadata();
        foreach ((string name, string value) in credential.Headers)
        {
            headers.Add(name, value);
        }

        var options = new CallOptions(headers, DateTime.UtcNow.AddMinutes(2), cancellation);
        CallInvoker invoker = channel.CreateCallInvoker();
        try
        {
            switch (raw.Type)
            {
                case MethodType.Unary:
                    await invoker.AsyncUnaryCall(raw, null, options, []);
                    break;
                case MethodType.ClientStreaming:
                    using (AsyncClientStreamingCall<byte[], byte[]> call =
                        invoker.AsyncClientStreamingCall(raw, null, options))
                    {
                        await call.RequestStream.CompleteAsync();
                        await call;
                    }

                    break;
                case MethodType.ServerStreaming:
                    using (AsyncServerStreamingCall<byte[]> call =
                        invoker.AsyncServerStreamingCall(raw, null, options, []))
                    {
                        await DrainAsync(call.ResponseStream, cancellation);
                    }

                    break;
                default:
                    using (AsyncDuplexStreamingCall<byte[], byte[]> call =
                        invoker.AsyncDuplexStreamingCall(raw, null, options))
                    {
                        await call.RequestStream.CompleteAsync();
                        await DrainAsync(call.ResponseStream, cancellation);
                    }

                    break;
            }

            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    /// <summary>The verb and the path of an RPC in JSON; null when it has none.</summary>
    public static (HttpMethod Verb, string Path)? JsonOf(MethodDescriptor method)
    {
        ArgumentNullException.ThrowIfNull(method);
        HttpRule? rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        (HttpMethod Verb, string Path)? found = rule?.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => (HttpMethod.Get, rule.Get),
            HttpRule.PatternOneofCase.Post => (HttpMethod.Post, rule.Post),
            HttpRule.PatternOneofCase.Patch => (HttpMethod.Patch, rule.Patch),
            HttpRule.PatternOneofCase.Put => (HttpMethod.Put, rule.Put),
            HttpRule.PatternOneofCase.Delete => (HttpMethod.Delete, rule.Delete),
            _ => null,
        };
        return found is { } known
            ? (known.Verb, known.Path.Replace("{name}", "none", StringComparison.Ordinal)
                .Replace("{version}", "1", StringComparison.Ordinal))
            : null;
    }

    private static async Task DrainAsync(IAsyncStreamReader<byte[]> responses, CancellationToken cancellation)
    {
        while (await responses.MoveNext(cancellation))
        {
        }
    }
}
