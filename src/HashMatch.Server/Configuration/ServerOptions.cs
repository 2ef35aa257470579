using System.ComponentModel.DataAnnotations;
using HashMatch.Exchanges.Configuration;
using HashMatch.Imaging;
using HashMatch.Matching;
using Microsoft.Extensions.Options;

namespace HashMatch.Server.Configuration;

/// <summary>
/// The server's settings, section `HashMatch`: from appsettings.json, `HASHMATCH__NAME` in the environment, and
/// `--HashMatch:Name=value` on the command line, the later ones winning.
/// </summary>
public sealed record ServerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "HashMatch";

    /// <summary>Where gRPC is served unless said otherwise, without TLS and with it.</summary>
    public const string DefaultListen = "http://127.0.0.1:50051";

    /// <inheritdoc cref="DefaultListen"/>
    public const string DefaultTlsListen = "https://127.0.0.1:50051";

    /// <summary>Where JSON is served unless said otherwise; with TLS it has no address of its own.</summary>
    public const string DefaultListenJson = "http://127.0.0.1:50080";

    /// <summary>`sqlite:FOLDER` or `redis:CONFIGURATION`.</summary>
    [Required]
    public string Store { get; init; } = DefaultStore();

    /// <summary>
    /// gRPC: a URL of an IP address, `localhost` or `*`, and a port (0: any free one); or `unix:` and a path. With TLS
    /// also JSON.
    /// </summary>
    public string? Listen { get; init; }

    /// <summary>JSON and plain health over HTTP/1.1: likewise; empty for none.</summary>
    public string? ListenJson { get; init; }

    /// <summary>Who may connect to a socket in the file system: its mode, in octal.</summary>
    [Required]
    [RegularExpression("^0?[0-7]{3}$")]
    public string SocketMode { get; init; } = "0600";

    /// <summary>The certificate; null for plaintext.</summary>
    [ValidateObjectMembers]
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether plaintext may be served on an address that other machines reach.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>What an upload may ask of the decoder.</summary>
    [Required]
    [ValidateObjectMembers]
    public ImageLimits Images { get; init; } = new();

    /// <summary>What the matcher does where no list's policy decides.</summary>
    [Required]
    [ValidateObjectMembers]
    public MatcherOptions Matcher { get; init; } = new();

    /// <summary>When an entry matches too often.</summary>
    [Required]
    [ValidateObjectMembers]
    public QuarantineOptions Quarantine { get; init; } = new();

    /// <summary>Uploads that are decoded at the same time; the number of processors unless said otherwise.</summary>
    [Range(1, 1024)]
    public int MaxConcurrentDecodes { get; init; } = Environment.ProcessorCount;

    /// <summary>Uploads that wait for a decode or are still being received, beyond those that are decoded.</summary>
    [Range(0, 65_536)]
    public int MaxQueuedUploads { get; init; } = 256;

    /// <summary>
    /// Bytes of memory for all uploads in hand; 512 MiB, or four times the largest upload, unless said otherwise. Room
    /// for two of the largest uploads at least.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long? UploadMemoryBytes { get; init; }

    /// <summary>Bytes of memory for all uploads in hand.</summary>
    internal long UploadMemory => UploadMemoryBytes ?? Math.Max(512L << 20, 4L * Images.MaxImageBytes);

    /// <summary>Longest time that the chunks of one upload may take to come in.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan UploadTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Age from which an index that cannot be brought in step is refused; null: it is used however old.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? MaxIndexAge { get; init; }

    /// <summary>
    /// Whether uploads get NO_KNOWN_MATCH, not an error, while no enabled list has an active version.
    /// </summary>
    public bool AllowEmptyIndex { get; init; }

    /// <summary>
    /// Longest time that a shutdown waits for the calls in flight, and after that for events to be stored.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Credentials of exchanges, by name; a server fetches those that it has them for.</summary>
    public Dictionary<string, ExchangeCredentials> Exchanges { get; init; } = [];

    /// <summary>How patient the client of an exchange's API is.</summary>
    [Required]
    [ValidateObjectMembers]
    public ExchangeLimits ExchangeLimits { get; init; } = new();

    private static string DefaultStore()
    {
        string folder = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return folder.Length == 0 ? "" : $"sqlite:{Path.Combine(folder, "hashmatch")}";
    }
}
