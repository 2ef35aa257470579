using System.IO.Pipelines;

namespace HashMatch.Server.Memory;

/// <summary>A reader around another one, for those that look at what is read or consumed.</summary>
/// <param name="inner">The other one.</param>
internal abstract class ReaderAround(PipeReader inner) : PipeReader
{
    /// <summary>The other one.</summary>
    protected PipeReader Inner => inner;

    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public sealed override void CancelPendingRead() => inner.CancelPendingRead();

    public sealed override void Complete(Exception? exception = null) => inner.Complete(exception);

    public sealed override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    /// <summary>The connection as it was, but for its reader.</summary>
    protected sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
