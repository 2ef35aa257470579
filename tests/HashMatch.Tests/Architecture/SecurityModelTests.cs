using System.Text.RegularExpressions;
using Xunit;

namespace HashMatch.Tests.Architecture;

/// <summary>The threat model names its proofs: they are there.</summary>
public sealed partial class SecurityModelTests
{
    [Fact]
    public void Every_test_script_and_alert_that_the_threat_model_names_is_there()
    {
        string model = File.ReadAllText(Path.Combine(Repository.Root, ".github", "SECURITY.md"));
        string[] tests =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
                .Select(path => Path.GetFileName(path).Split('.')[0]),
        ];
        string[] named = [.. TestName().Matches(model).Select(name => name.Groups[1].Value).Distinct()];
        Assert.True(named.Length > 20, "the threat model names few tests");
        Assert.Empty(named.Except(tests));
        Assert.All(
            ScriptName().Matches(model).Select(name => name.Groups[1].Value),
            script => Assert.True(File.Exists(Path.Combine(Repository.Root, ".ci", script)), script));
        string alerts = File.ReadAllText(
            Path.Combine(Repository.Root, "src", "HashMatch.Server", "Operations", "alerts.yaml"));
        Assert.All(
            AlertName().Matches(model).Select(name => name.Groups[1].Value),
            alert => Assert.Contains($"alert: {alert}\n", alerts, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"`(\w+(?:Tests|Contract))`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`\.ci/(\w+)`")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"`(HashMatch[A-Z]\w+)`")]
    private static partial Regex AlertName();
}
