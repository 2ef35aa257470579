using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HashMatch.Cli.Driving;

namespace HashMatch.Load.Words;

/// <summary>Options that several measurements have, or that are read alike. What is wrong is said with the option's
/// name.</summary>
internal static class NamedOptions
{
    /// <summary>A whole number; 2K and 10M are thousands and millions.</summary>
    public static Option<int> Number(string name, int value, int least, int most, string description) =>
        Read(name, "N", value, description, text => Number(text) is { } number && number >= least && number <= most
            ? number
            : Bad<int>($"a number from {least} to {most}"));

    /// <summary>Whole numbers with commas between; 2K and 10M are thousands and millions.</summary>
    public static Option<int[]> Numbers(string name, int[] value, int least, int most, string description) =>
        Read(name, "N,N", value, description, text => [.. text.Split(',').Select(each =>
            Number(each) is { } number && number >= least && number <= most
                ? number
                : Bad<int>($"numbers from {least} to {most} with commas between"))]);

    /// <summary>0 to 1.</summary>
    public static Option<double> Share(string name, double value, string description) =>
        Read(name, "SHARE", value, description, text => Decimal(text) is { } share && share is >= 0 and <= 1
            ? share
            : Bad<double>("a share from 0 to 1"));

    /// <summary>Seconds, with a fraction or without.</summary>
    public static Option<TimeSpan> Seconds(string name, double value, string description) =>
        Read(name, "S", TimeSpan.FromSeconds(value), description, text =>
            Decimal(text) is { } seconds && seconds is >= 0 and <= 86_400
                ? TimeSpan.FromSeconds(seconds)
                : Bad<TimeSpan>("seconds, up to 86400"));

    /// <summary>Text that is judged by the measurement, or not at all.</summary>
    public static Option<string?> Text(
        string name, string helpName, string description, Func<string, bool>? isRight = null, string expected = "") =>
        Read<string?>(name, helpName, null, description, text =>
            isRight?.Invoke(text) != false ? text : Bad<string>(expected));

    /// <summary>A file that is there.</summary>
    public static Option<string?> File(string name, string description) =>
        Text(name, "FILE", description, System.IO.File.Exists, "a file that exists");

    /// <summary>A server that runs already.</summary>
    public static Option<string?> Address() => Text(
        "--address", "URL", "A server that runs already, instead of one that is started over a temporary SQLite store.",
        ServerAddress.IsOne, "http://HOST:PORT, https://HOST:PORT or unix:PATH");

    /// <summary>Settings of the server that is started, as its arguments.</summary>
    public static Option<string[]> Settings() => new("--set")
    {
        Description = "A setting of the started server, such as HashMatch:MaxConcurrentDecodes=1; again for more.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            string? bad = result.Tokens.Select(token => token.Value)
                .FirstOrDefault(text => !text.Contains('=', StringComparison.Ordinal));
            if (bad is not null)
            {
                result.AddError($"--set is '{bad}'; expected NAME=VALUE");
            }

            return [.. result.Tokens.Select(token => $"--{token.Value}")];
        },
        DefaultValueFactory = _ => [],
    };

    /// <summary>One of a type's names, in lower case.</summary>
    public static Option<T> Word<T>(string name, T value, string description)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(each => each.ToLowerInvariant())];
        return Read(name, string.Join('|', words), value, description, text =>
            words.Contains(text, StringComparer.Ordinal)
                ? Enum.Parse<T>(text, ignoreCase: true)
                : Bad<T>(string.Join(", ", words)));
    }

    /// <summary>An option that is read by its own rule and has a value without it.</summary>
    public static Option<T> Read<T>(
        string name, string helpName, T value, string description, Func<string, T> read) => new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, read)!,
        };

    /// <summary>Says what was expected instead.</summary>
    public static T Bad<T>(string expected) => throw new FormatException(expected);

    private static T? Parse<T>(ArgumentResult result, string name, Func<string, T> read)
    {
        string text = result.Tokens[^1].Value;
        try
        {
            return read(text);
        }
        catch (FormatException e)
        {
            result.AddError($"{name} is '{text}'; expected {e.Message}");
            return default;
        }
    }

    private static int? Number(string text)
    {
        string digits = text.EndsWith('M') ? text[..^1] + "000000" : text.EndsWith('K') ? text[..^1] + "000" : text;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    private static double? Decimal(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? number
            : null;
}
