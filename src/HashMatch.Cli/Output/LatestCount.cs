namespace HashMatch.Cli.Output;

/// <summary>The latest count that work reported. Progress&lt;T&gt; posts to the thread pool, out of order.</summary>
internal sealed class LatestCount : IProgress<long>
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Report(long value) => Interlocked.Exchange(ref _value, value);
}
