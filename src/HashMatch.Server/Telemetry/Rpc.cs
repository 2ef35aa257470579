using System.Collections.Concurrent;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace HashMatch.Server.Telemetry;

/// <summary>A method of the API as telemetry names it. There is one of each, so a call makes no names.</summary>
public sealed class Rpc
{
    private const string Package = "/hashmatch.";

    private static readonly ConcurrentDictionary<IMethod, Rpc?> Known = [];

    private Rpc(IMethod method)
    {
        string service = method.ServiceName[(method.ServiceName.LastIndexOf('.') + 1)..];
        Name = $"{service}/{method.Name}";
        SpanTags =
        [
            new("rpc.system", "grpc"), new("rpc.service", method.ServiceName), new("rpc.method", method.Name),
        ];
    }

    /// <summary>Service and method, such as `Matching/Match`.</summary>
    public string Name { get; }

    /// <summary>What its spans say.</summary>
    internal IReadOnlyList<KeyValuePair<string, object?>> SpanTags { get; }

    /// <summary>The method that an endpoint serves, by gRPC or JSON; null when it is none of the API's.</summary>
    public static Rpc? Of(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method is { } method
            ? Known.GetOrAdd(
                method,
                static each => each.FullName.StartsWith(Package, StringComparison.Ordinal) ? new Rpc(each) : null)
            : null;
}
