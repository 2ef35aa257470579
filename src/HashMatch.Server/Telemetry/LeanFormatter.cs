using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace HashMatch.Server.Telemetry;

/// <summary>
/// What stands between every log entry and the output, whatever the settings say. Of the framework, whose finer levels
/// quote addresses, paths and messages, it lets warnings and worse through; of exceptions their types and where they
/// were thrown, since their messages may quote what a caller sent.
/// </summary>
internal sealed class LeanFormatter(IServiceProvider services, LeanFormatterChoice choice) : ConsoleFormatter(LeanName)
{
    /// <summary>The formatter's name.</summary>
    public const string LeanName = "hashmatch";

    private const string OwnCategories = "HashMatch.";
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const LogLevel LeastOfOthers = LogLevel.Warning;

    // Not injected: it is one of those that this one belongs to.
    private readonly Lazy<ConsoleFormatter> _inner =
        new(() => services.GetServices<ConsoleFormatter>().First(each => each.Name == choice.Name));

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        // A part that a failed start cancels before it began is no fault of its own.
        if (!Passes(logEntry.Category, logEntry.LogLevel)
            || (logEntry.Exception is OperationCanceledException && logEntry.Category == HostCategory))
        {
            return;
        }

        if (logEntry.Exception is not { } exception)
        {
            _inner.Value.Write(logEntry, null, textWriter);
            return;
        }

        Func<TState, Exception?, string> format = logEntry.Formatter;
        var lean = new LogEntry<TState>(
            logEntry.LogLevel,
            logEntry.Category,
            logEntry.EventId,
            logEntry.State,
            null,
            (state, _) => $"{format(state, null)} {Describe(exception)}");
        _inner.Value.Write(lean, null, textWriter);
    }

    /// <summary>Whether an entry is written.</summary>
    internal static bool Passes(string category, LogLevel level) =>
        level >= LeastOfOthers || category.StartsWith(OwnCategories, StringComparison.Ordinal);

    /// <summary>Types and stacks of an exception and those within it.</summary>
    internal static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        for (Exception? each = exception; each is not null; each = each.InnerException)
        {
            text.Append(text.Length > 0 ? " <- " : "").Append(each.GetType()).Append(' ').Append(each.StackTrace);
        }

        return text.ToString().ReplaceLineEndings(" ");
    }
}
