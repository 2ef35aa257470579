using HashMatch.Server.Telemetry;

namespace HashMatch.Server.Errors;

/// <summary>
/// The body of an answer in JSON, which keeps back what the transcoder says of a request that it cannot read: no
/// service has seen the call then, nobody has said why it fails, and the transcoder's words have neither reason nor
/// field.
/// </summary>
internal sealed class JsonRefusals(Stream inner, HttpContext http) : Stream
{
    /// <summary>Whether something was kept back; nothing was sent then.</summary>
    public bool AnyKept { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsTranscoders =>
        http.Response is
        {
            HasStarted: false,
            StatusCode: StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge
                or StatusCodes.Status429TooManyRequests,
        }
        && http.Features.Get<CallRecord>() is { Status: null };

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        AnyKept ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (!Keeps())
        {
            inner.Write(buffer, offset, count);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Keeps() ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool Keeps() => AnyKept = AnyKept || IsTranscoders;
}
