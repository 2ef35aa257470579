using System.IO.Pipes;
using HashMatch.Cli.Input;
using Xunit;

namespace HashMatch.Tests.Cli;

/// <summary>Reading from a pipe that nobody writes to.</summary>
public sealed class InterruptibleStreamTests
{
    [Fact]
    public async Task A_read_ends_when_it_is_cancelled()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle);
        var stream = new InterruptibleStream(reader);
        using var cancelled = new CancellationTokenSource();
        Task<int> read = stream.ReadAsync(new byte[10], cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        writer.WriteByte(1);
    }

    [Fact]
    public async Task Everything_comes_through()
    {
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        using var stream = new InterruptibleStream(new MemoryStream(bytes));
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal(bytes, copy.ToArray());
    }
}
