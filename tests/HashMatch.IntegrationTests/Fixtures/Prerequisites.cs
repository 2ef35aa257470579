using Xunit;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>What the machine must have: its absence fails in CI and skips elsewhere.</summary>
public static class Prerequisites
{
    private static readonly bool InCi =
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The Redis or Valkey server to test with: HASHMATCH_REDIS_SERVER (a path), or `redis-server` on the PATH.
    /// </summary>
    public static string RequireRedisServer()
    {
        string name = Environment.GetEnvironmentVariable("HASHMATCH_REDIS_SERVER") ?? "redis-server";
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        if (path is not null)
            return path;
        string reason = $"{name} is not installed (Debian: apt-get install redis-server).";
        if (InCi)
            Assert.Fail(reason);
        Assert.Skip(reason);
        return "";
    }

    /// <summary>A program on the PATH.</summary>
    /// <param name="name">The program.</param>
    /// <param name="package">The Debian package that has it.</param>
    /// <returns>Its path.</returns>
    public static string RequireProgram(string name, string package)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        string reason = $"{name} is not installed (Debian: apt-get install {package}).";
        if (path is null && InCi)
            Assert.Fail(reason);
        if (path is null)
            Assert.Skip(reason);
        return path;
    }
}
