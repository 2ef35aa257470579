namespace HashMatch.Exchanges.Configuration;

/// <summary>Finds an exchange's credentials.</summary>
public static class CredentialSource
{
    /// <summary>What the variables of an exchange begin with.</summary>
    public const string Prefix = "HASHMATCH__EXCHANGES__";

    /// <summary>An exchange's name as variables spell it: upper case, `_` for what is no letter and no digit.</summary>
    public static string Spell(string exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return string.Concat(exchange.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
    }

    /// <summary>Those of the environment, and of the file that it names.</summary>
    /// <param name="exchange">The exchange's name.</param>
    /// <param name="variable">An environment variable; null when it is not set.</param>
    /// <exception cref="ExchangeException">The file cannot be used.</exception>
    public static ExchangeCredentials Read(string exchange, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string prefix = $"{Prefix}{Spell(exchange)}__";
        return WithFile(Of(name => variable(prefix + name.ToUpperInvariant())));
    }

    /// <summary>Those of a configuration, by exchange, with the file that they name.</summary>
    /// <exception cref="ExchangeException">The file cannot be used.</exception>
    public static ExchangeCredentials Read(
        string exchange, IReadOnlyDictionary<string, ExchangeCredentials> configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        string spelt = Spell(exchange);
        ExchangeCredentials? found = configured
            .FirstOrDefault(pair => Spell(pair.Key) == spelt).Value;
        return found is null ? new ExchangeCredentials { Enabled = false } : WithFile(found);
    }

    private static ExchangeCredentials WithFile(ExchangeCredentials given)
    {
        if (string.IsNullOrWhiteSpace(given.CredentialsFile))
        {
            return given;
        }

        Dictionary<string, string> lines = ReadFile(given.CredentialsFile);
        ExchangeCredentials file = Of(name => lines.GetValueOrDefault(name));
        return given with
        {
            Username = given.Username ?? file.Username,
            Password = given.Password ?? file.Password,
            SubscriptionKey = given.SubscriptionKey ?? file.SubscriptionKey,
            FunctionKey = given.FunctionKey ?? file.FunctionKey,
            FeedbackFunctionKey = given.FeedbackFunctionKey ?? file.FeedbackFunctionKey,
            AccessToken = given.AccessToken ?? file.AccessToken,
        };
    }

    private static ExchangeCredentials Of(Func<string, string?> value) => new()
    {
        Username = NotEmpty(value("Username")),
        Password = NotEmpty(value("Password")),
        SubscriptionKey = NotEmpty(value("SubscriptionKey")),
        FunctionKey = NotEmpty(value("FunctionKey")),
        FeedbackFunctionKey = NotEmpty(value("FeedbackFunctionKey")),
        AccessToken = NotEmpty(value("AccessToken")),
        CredentialsFile = NotEmpty(value("CredentialsFile")),
        Enabled = !"false".Equals(value("Enabled"), StringComparison.OrdinalIgnoreCase),
    };

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static Dictionary<string, string> ReadFile(string path)
    {
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new ExchangeException(
                    ExchangeProblem.NoCredentials,
                    $"The credentials file {path} can be read or written by others: chmod 600 it.");
            }

            return File.ReadLines(path)
                .Select(line => line.Trim())
                .Where(line => line.Length > 0 && line[0] != '#' && line.Contains('='))
                .GroupBy(line => line[..line.IndexOf('=')].Trim(), StringComparer.OrdinalIgnoreCase)
                .ToDictionary(
                    lines => lines.Key,
                    lines => lines.Last()[(lines.Last().IndexOf('=') + 1)..].Trim(),
                    StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExchangeException(
                ExchangeProblem.NoCredentials, $"The credentials file {path} cannot be read.", e);
        }
    }
}
