using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.Redis;
using Xunit;

namespace HashMatch.IntegrationTests.Fixtures;

/// <summary>
/// Redis's own image in a container, where a container engine runs and has or gets the image; else the test is skipped.
/// HASHMATCH_REDIS_IMAGE names another, such as valkey/valkey:8.
/// </summary>
public sealed class RedisContainerFixture : IAsyncDisposable
{
    private static readonly string Image =
        Environment.GetEnvironmentVariable("HASHMATCH_REDIS_IMAGE") ?? "redis:8";

    private RedisContainer? _container;
    private string? _missing;

    /// <summary>Its configuration for a client, after its keys were dropped.</summary>
    public async Task<string> EmptyAsync(CancellationToken cancellation)
    {
        if (_container is null && _missing is null)
            await StartAsync(cancellation);
        if (_missing is not null)
            Assert.Skip(_missing);
        ExecResult flushed = await _container!.ExecAsync(["redis-cli", "FLUSHALL"], cancellation);
        Assert.Equal(0, flushed.ExitCode);
        return _container.GetConnectionString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            // Plain builds refuse callers from outside the container; Redis's own image does not.
            _container = new RedisBuilder(Image)
                .WithCommand("redis-server", "--appendonly", "yes", "--protected-mode", "no")
                .Build();
            await _container.StartAsync(cancellation);
        }
        catch (DockerUnavailableException e)
        {
            _missing = $"No container engine: {FirstLine(e)}";
        }
        catch (Exception e) when (e.GetType().Namespace?.StartsWith("Docker.DotNet", StringComparison.Ordinal) == true
            && _container?.Id is null or "")
        {
            _missing = $"The container engine has no image {Image}: {FirstLine(e)}";
        }
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();
}
