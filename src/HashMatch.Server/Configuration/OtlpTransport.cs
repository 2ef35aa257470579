namespace HashMatch.Server.Configuration;

/// <summary>What carries OTLP.</summary>
public enum OtlpTransport
{
    /// <summary>gRPC; port 4317 by custom.</summary>
    Grpc,

    /// <summary>HTTP/1.1 with protobuf bodies; port 4318 by custom. `/v1/traces` and `/v1/metrics` are added.</summary>
    Http,
}
