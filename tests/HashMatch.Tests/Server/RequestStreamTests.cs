using Grpc.Core;
using HashMatch.Server.Errors;
using Xunit;

namespace HashMatch.Tests.Server;

public sealed class RequestStreamTests
{
    [Fact]
    public async Task A_caller_that_hangs_up_is_no_fault_of_the_server()
    {
        RpcException ended = await Assert.ThrowsAsync<RpcException>(
            () => new RequestStream<string>(new Broken()).MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.Cancelled, ended.StatusCode);
    }

    private sealed class Broken : IAsyncStreamReader<string>
    {
        public string Current => "";

        public Task<bool> MoveNext(CancellationToken cancellationToken) =>
            Task.FromException<bool>(new IOException("The client reset the request stream."));
    }
}
