using System.Text.Json;

namespace HashMatch.IntegrationTests.Cli;

/// <summary>What one run of the tool came to.</summary>
/// <param name="ExitCode">What a script sees; 137 after a kill.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ToolResult(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as one JSON document.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Standard output as one JSON document a line.</summary>
    public JsonElement[] JsonLines => [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The reason of the error on standard error.</summary>
    public string? Reason =>
        JsonDocument.Parse(Error).RootElement.GetProperty("error").GetProperty("reason").GetString();
}
