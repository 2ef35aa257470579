using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace HashMatch.Exchanges.Configuration;

/// <summary>How patient and how trusting the client of an API is.</summary>
public sealed record ExchangeLimits
{
    /// <summary>Tries of one request, the first one included.</summary>
    [Range(1, 100)]
    public int Attempts { get; init; } = 6;

    /// <summary>Wait before the second try; doubles with each, give or take half.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait between tries; an API that asks for a longer one ends the run.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>One try, to the last byte.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Bytes of a page, decompressed.</summary>
    [Range(1024, 512 * 1024 * 1024)]
    public int MaxPageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How often a server looks whether an exchange is due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Those of the environment: HASHMATCH__EXCHANGELIMITS__BASEDELAY and so on.</summary>
    /// <exception cref="FormatException">A value cannot be read; the message names it.</exception>
    public static ExchangeLimits Read(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ExchangeLimits defaults = new();
        return new ExchangeLimits
        {
            Attempts = Number(variable, "ATTEMPTS", defaults.Attempts),
            BaseDelay = Time(variable, "BASEDELAY", defaults.BaseDelay),
            MaxDelay = Time(variable, "MAXDELAY", defaults.MaxDelay),
            AttemptTimeout = Time(variable, "ATTEMPTTIMEOUT", defaults.AttemptTimeout),
            MaxPageBytes = Number(variable, "MAXPAGEBYTES", defaults.MaxPageBytes),
        };
    }

    private const string Prefix = "HASHMATCH__EXCHANGELIMITS__";

    private static int Number(Func<string, string?> variable, string name, int otherwise)
    {
        string? text = variable(Prefix + name);
        return string.IsNullOrWhiteSpace(text) ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
            : throw new FormatException($"{Prefix}{name} is no whole number above 0.");
    }

    private static TimeSpan Time(Func<string, string?> variable, string name, TimeSpan otherwise)
    {
        string? text = variable(Prefix + name);
        return string.IsNullOrWhiteSpace(text) ? otherwise
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) && time >= TimeSpan.Zero ? time
            : throw new FormatException($"{Prefix}{name} is no time such as 00:00:02.");
    }
}
