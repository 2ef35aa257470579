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

    /// <summary>Room in a message for what is not the image.</summary>
    public const int MessageOverheadBytes = 64 * 1024;

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

    /// <summary>
    /// `/metrics` and health over HTTP/1.1 at an address of their own: likewise; empty: `/metrics` is where JSON is.
    /// </summary>
    public string? ListenMetrics { get; init; }

    /// <summary>Who may connect to a socket in the file system: its mode, in octal.</summary>
    [Required]
    [RegularExpression("^0?[0-7]{3}$")]
    public string SocketMode { get; init; } = "0600";

    /// <summary>The certificate; null for plaintext.</summary>
    [ValidateObjectMembers]
    public TlsOptions? Tls { get; init; }

    /// <summary>Whether plaintext may be served on an address that other machines reach.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Who may ask what.</summary>
    [Required]
    [ValidateObjectMembers]
    public AccessOptions Access { get; init; } = new();

    /// <summary>What a peer may ask of the transport.</summary>
    [Required]
    [ValidateObjectMembers]
    public TransportOptions Transport { get; init; } = new();

    /// <summary>What an upload may ask of the decoder. A decode has 750 ms, so that no upload takes a second.</summary>
    [Required]
    [ValidateObjectMembers]
    public ImageLimits Images { get; init; } = new() { Timeout = TimeSpan.FromMilliseconds(750) };

    /// <summary>What the matcher does where no list's policy decides.</summary>
    [Required]
    [ValidateObjectMembers]
    public MatcherOptions Matcher { get; init; } = new();

    /// <summary>When an entry matches too often.</summary>
    [Required]
    [ValidateObjectMembers]
    public QuarantineOptions Quarantine { get; init; } = new();

    /// <summary>How match events are kept until the store has them.</summary>
    [Required]
    [ValidateObjectMembers]
    public EventsOptions Events { get; init; } = new();

    /// <summary>Uploads that are decoded at the same time; the number of processors unless said otherwise.</summary>
    [Range(1, 1024)]
    public int MaxConcurrentDecodes { get; init; } = Environment.ProcessorCount;

    /// <summary>Uploads that wait for a decode or are still being received, beyond those that are decoded.</summary>
    [Range(0, 65_536)]
    public int MaxQueuedUploads { get; init; } = 256;

    /// <summary>Bytes of uploads, and of other messages of callers, that are held in memory from their first byte to
    /// their answer; at least one message of the largest upload.</summary>
    [Range(64 * 1024, 1L << 40)]
    public long MaxUploadMemoryBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Bytes of the arena: chunks of an upload lie there twice for a moment.</summary>
    internal long ArenaBytes => (2 * MaxUploadMemoryBytes) + (2L * MaxMessageBytes);

    /// <summary>Longest time that uploads of a burst wait for a decode. Under lasting overload the line is held to a
    /// few uploads' time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan MaxQueueDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>An upload that comes in more slowly loses its place when there are no others; 0: never.</summary>
    [Range(0, 1024 * 1024 * 1024)]
    public int MinUploadBytesPerSecond { get; init; } = 32 * 1024;

    /// <summary>What callers, by their names, are told when an upload cannot be evaluated; the others get an error.
    /// </summary>
    public Dictionary<string, IndeterminateAction> WhenIndeterminate { get; init; } =
        new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Longest time that the bytes of one upload may take to come in.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan UploadTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Age from which an index that cannot be brought in step is refused; null: it is used however old.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? MaxIndexAge { get; init; }

    /// <summary>So long without an answer a shared store is silent, and curating is refused; more where answers are
    /// slow.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan StoreSilence { get; init; } = TimeSpan.FromMilliseconds(75);

    /// <summary>Lists saved on this machine for a start without the store.</summary>
    [Required]
    [ValidateObjectMembers]
    public SnapshotOptions Snapshot { get; init; } = new();

    /// <summary>
    /// Whether uploads get NO_KNOWN_MATCH, not an error, while no enabled list has an active version.
    /// </summary>
    public bool AllowEmptyIndex { get; init; }

    /// <summary>
    /// Longest time that a shutdown waits for the calls in flight, and after that for events to be stored.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// So long a shutdown goes on serving while it says that it is not ready, for load balancers to look elsewhere.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainDelay { get; init; }

    /// <summary>Metrics, traces and logs.</summary>
    [Required]
    [ValidateObjectMembers]
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Credentials of exchanges, by name; a server fetches those that it has them for.</summary>
    public Dictionary<string, ExchangeCredentials> Exchanges { get; init; } = [];

    /// <summary>How patient the client of an exchange's API is.</summary>
    [Required]
    [ValidateObjectMembers]
    public ExchangeLimits ExchangeLimits { get; init; } = new();

    /// <summary>When the audit log is signed.</summary>
    [Required]
    [ValidateObjectMembers]
    public AuditOptions Audit { get; init; } = new();

    /// <summary>Bytes of a gRPC message.</summary>
    internal int MaxMessageBytes => Images.MaxImageBytes + MessageOverheadBytes;

    private static string DefaultStore()
    {
        string folder = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return folder.Length == 0 ? "" : $"sqlite:{Path.Combine(folder, "hashmatch")}";
    }
}
