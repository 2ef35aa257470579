namespace HashMatch.Cli;

/// <summary>An operational failure that was put into words where it happened; it ends the command.</summary>
internal sealed class FailureException(Failure failure, Exception? inner = null) : Exception(failure.Message, inner)
{
    public Failure Failure { get; } = failure;
}
