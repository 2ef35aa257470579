using System.ComponentModel.DataAnnotations;

namespace HashMatch.Server.Configuration;

/// <summary>What a peer may ask of the transport, before anybody knows who it is.</summary>
public sealed record TransportOptions
{
    /// <summary>Connections at a time, over all addresses; more are closed as they come.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 5000;

    /// <summary>Calls at a time on one HTTP/2 connection; more streams are refused. An upload that was refused before
    /// it was read counts until its sender ends it, for five seconds at most; at twice as many of those the transport
    /// refuses without a reason, and then closes the connection.</summary>
    [Range(1, 10_000)]
    public int MaxStreamsPerConnection { get; init; } = 1000;

    /// <summary>Bytes that a sender may have on its way on one HTTP/2 stream before the server has read some: an upload
    /// is no faster than so many a round trip. They are also what a refused sender still sends, and what lies in the
    /// transport for a stream that holds nothing yet.</summary>
    [Range(65_535, 16 * 1024 * 1024)]
    public int StreamWindowBytes { get; init; } = 65_535;

    /// <summary>Bytes of all header fields of a request, names included.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Longest time that a connection's first bytes, and a request's headers, may take to come in.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second at which a message must come in, after five seconds of grace; calls that stream have
    /// `UploadTimeout` instead.</summary>
    [Range(1, 1_000_000)]
    public int MinBodyBytesPerSecond { get; init; } = 1024;

    /// <summary>Longest time without a request after which a connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
