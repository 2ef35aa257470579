using HashMatch.FaultTests.Serving;
using Xunit;

namespace HashMatch.FaultTests.Transport;

/// <summary>One server for all attacks of a class, with little patience, so that a test sees the end of it.</summary>
public sealed class AttackedServer : IAsyncLifetime
{
    internal TestedServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TestedServer.StartAsync(
        TestContext.Current.CancellationToken,
        "--HashMatch:Transport:RequestHeadersTimeout=00:00:02",
        "--HashMatch:Transport:KeepAliveTimeout=00:00:04",
        "--HashMatch:UploadTimeout=00:00:05");

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
