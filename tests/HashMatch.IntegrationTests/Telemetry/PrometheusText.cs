using System.Globalization;
using System.Text.RegularExpressions;

namespace HashMatch.IntegrationTests.Telemetry;

/// <summary>What `/metrics` said.</summary>
internal sealed partial class PrometheusText
{
    private readonly (string Name, Dictionary<string, string> Tags, double Value)[] _samples;

    public PrometheusText(string text)
    {
        Text = text;
        _samples =
        [
            .. Sample().Matches(text).Select(sample => (
                sample.Groups["name"].Value,
                Tag().Matches(sample.Groups["tags"].Value).ToDictionary(
                    tag => tag.Groups["name"].Value, tag => tag.Groups["value"].Value),
                double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture))),
        ];
    }

    public string Text { get; }

    /// <summary>Series of the server's own instruments; the runtime's come as they like.</summary>
    public int OwnSeries => _samples.Count(sample => sample.Name.StartsWith("hashmatch_", StringComparison.Ordinal));

    /// <summary>Names of samples, and of their families where these are histograms.</summary>
    public IReadOnlySet<string> Names => _samples.Select(sample => sample.Name).ToHashSet();

    /// <summary>The sum of all samples of a name that have these tags; null when there is none.</summary>
    public double? Find(string name, params (string Name, string Value)[] tags)
    {
        double[] found =
        [
            .. _samples
                .Where(sample => sample.Name == name
                    && tags.All(tag => sample.Tags.GetValueOrDefault(tag.Name) == tag.Value))
                .Select(sample => sample.Value),
        ];
        return found.Length == 0 ? null : found.Sum();
    }

    /// <summary>Asks a server.</summary>
    public static async Task<PrometheusText> ReadAsync(string address, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        return new PrometheusText(await http.GetStringAsync(new Uri($"{address}/metrics"), cancellation));
    }

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<tags>.*)\})? (?<value>[-+.\w]+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(?<name>\w+)=""(?<value>(?:[^""\\]|\\.)*)""")]
    private static partial Regex Tag();
}
