using Microsoft.Extensions.Logging;

namespace HashMatch.Tests.Recording;

/// <summary>Keeps what is logged.</summary>
internal sealed class LoggedLines<T> : ILogger<T>
{
    private readonly List<string> _said = [];

    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_said)
            {
                return [.. _said];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_said)
        {
            _said.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
