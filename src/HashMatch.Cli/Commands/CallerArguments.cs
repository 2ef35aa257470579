using System.CommandLine;
using System.Globalization;
using HashMatch.Matching.Access;

namespace HashMatch.Cli.Commands;

/// <summary>The options that say what a caller may do.</summary>
/// <param name="isNew">Whether the caller is being added.</param>
internal sealed class CallerArguments(bool isNew)
{
    private readonly Option<string[]> _roles = new("--role")
    {
        Description = $"What it may do; may be said again: {string.Join(", ", RoleWords.All)}.",
        HelpName = "ROLE",
        Required = isNew,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _expires = new("--expires")
    {
        Description = "From then on it is refused: 2027-01-31 or 2027-01-31T12:00:00Z, in UTC and to come; 'never'.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _rate = new("--rate")
    {
        Description = "Uploads a second; 0 for any number, 'default' for the server's setting.",
        HelpName = "N",
    };

    private readonly Option<bool?> _details = new("--details")
    {
        Description = "Whether it sees distances, entries, hashes and lists' names in verdicts; list-editors and "
            + "auditors always do.",
    };

    private readonly Option<bool?> _disabled = new("--disabled")
    {
        Description = "Whether it is refused for now.",
    };

    public void AddTo(Command command)
    {
        command.Add(_roles);
        command.Add(_expires);
        command.Add(_rate);
        command.Add(_details);
        if (!isNew)
        {
            command.Add(_disabled);
        }
    }

    /// <summary>A definition with what was given.</summary>
    /// <exception cref="FailureException">A value cannot be read.</exception>
    public CallerDefinition Change(Session session, CallerDefinition before) => before with
    {
        Roles = session.Value(_roles) is { Length: > 0 } roles ? [.. roles.Distinct()] : before.Roles,
        ExpiresAt = session.Value(_expires) is { } expires ? ReadTime(expires) : before.ExpiresAt,
        Rate = session.Value(_rate) is { } rate ? ReadRate(rate) : before.Rate,
        Details = session.Value(_details) ?? before.Details,
        Disabled = !isNew && (session.Value(_disabled) ?? before.Disabled),
    };

    private static DateTimeOffset? ReadTime(string text) => text == "never" ? null
        : DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset time)
            ? time
            : throw Bad($"--expires is '{text}'; expected such as 2027-01-31, 2027-01-31T12:00:00Z or never.");

    private static int? ReadRate(string text) => text == "default" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rate)
            ? rate
            : throw Bad($"--rate is '{text}'; expected uploads a second, 0 or default.");

    private static FailureException Bad(string message) => new(new Failure("BAD_COMMAND_LINE", message));
}
