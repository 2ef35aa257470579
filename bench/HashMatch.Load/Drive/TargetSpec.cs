using System.Diagnostics;
using HashMatch.Cli.Driving;
using HashMatch.Cli.Serving;
using HashMatch.Pdq;

namespace HashMatch.Load.Drive;

/// <summary>Who is measured.</summary>
/// <param name="Name">As it was written.</param>
/// <param name="Assembly">A HashMatch.Server.dll that is started; null when the service runs already.</param>
/// <param name="Address">Where a running service is; null when one is started.</param>
/// <param name="IsHma">Whether it speaks HMA's API.</param>
internal sealed record TargetSpec(string Name, string? Assembly, string? Address, bool IsHma)
{
    private const string Self = "self";
    private const string HmaPrefix = "hma:";

    /// <summary>This build.</summary>
    public static TargetSpec Own { get; } = new(Self, Programs.ServerAssembly, null, false);

    /// <summary>Reads `self`, a HashMatch.Server.dll, an address, or `hma:` and an address.</summary>
    /// <exception cref="FormatException">It is none; the message says what was expected.</exception>
    public static TargetSpec Parse(string text) =>
        text == Self ? Own
        : text.StartsWith(HmaPrefix, StringComparison.Ordinal) && IsHttp(text[HmaPrefix.Length..])
            ? new TargetSpec(text, null, text[HmaPrefix.Length..], true)
        : ServerAddress.IsOne(text) ? new TargetSpec(text, null, text, false)
        : text.EndsWith(".dll", StringComparison.Ordinal) && File.Exists(text)
            ? new TargetSpec(text, Path.GetFullPath(text), null, false)
        : throw new FormatException(
            "self, a HashMatch.Server.dll that exists, http://HOST:PORT, https://HOST:PORT, unix:PATH or hma:URL");

    /// <summary>Connects to it, or starts it with its list.</summary>
    /// <exception cref="InvalidOperationException">It did not become ready.</exception>
    public async Task<ITarget> OpenAsync(
        DriveOptions options, IReadOnlyList<PdqHash> planted, CancellationToken cancellation)
    {
        if (IsHma)
        {
            return new HmaTarget(Name, new Uri(Address!));
        }

        if (Address is not null)
        {
            return new HashMatchTarget(Name, new ServerAddress(Address, options.Authority), null, null, options);
        }

        StartedServer started = await StartedServer.StartAsync(
            new ServerOrder
            {
                Assembly = Assembly!,
                Entries = options.Entries,
                Seed = options.Seed,
                Planted = planted,
                Transport = options.Transport,
                Settings = options.Settings,
            },
            cancellation);
        string? build = FileVersionInfo.GetVersionInfo(Assembly!).ProductVersion;
        return new HashMatchTarget(Name, started.Address, started, build, options);
    }

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";
}
