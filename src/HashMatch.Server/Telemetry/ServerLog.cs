using HashMatch.Server.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace HashMatch.Server.Telemetry;

/// <summary>Adds the log: one line an entry on standard output.</summary>
internal static class ServerLog
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Adds it.</summary>
    public static void AddServerLog(this ILoggingBuilder logging, LogFormat format)
    {
        logging.AddConsole();
        logging.AddConsoleFormatter<LeanFormatter, ConsoleFormatterOptions>();
        logging.Services.AddSingleton(new LeanFormatterChoice(
            format == LogFormat.Json ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple));
        // After all else that sets it: settings cannot choose a formatter that says more.
        logging.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName = LeanFormatter.LeanName);
        logging.Services.PostConfigure<SimpleConsoleFormatterOptions>(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = $"{Timestamp} ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
            console.IncludeScopes = false;
        });
        logging.Services.PostConfigure<JsonConsoleFormatterOptions>(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = Timestamp;
            console.IncludeScopes = false;
        });
    }
}
