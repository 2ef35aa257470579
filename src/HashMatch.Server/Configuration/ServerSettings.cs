using Microsoft.Extensions.Options;

namespace HashMatch.Server.Configuration;

/// <summary>Gathers the settings of one start.</summary>
public static class ServerSettings
{
    /// <summary>Short switches, and what they stand for.</summary>
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--store"] = "HashMatch:Store",
        ["--listen"] = "HashMatch:Listen",
        ["--listen-json"] = "HashMatch:ListenJson",
    };

    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Grpc"] = "Warning",
        // The health checks run every second; readiness changes are logged once by their own line.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        // A start that fails is explained in one line on stderr.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
    };

    /// <summary>
    /// Puts the sources in order: defaults, appsettings.json beside the server, environment, arguments.
    /// </summary>
    /// <exception cref="ConfigurationException">An argument is not a setting.</exception>
    public static void AddSources(IConfigurationBuilder configuration, string[] arguments)
    {
        configuration.Sources.Clear();
        configuration
            .AddInMemoryCollection(Defaults)
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(Check(arguments), Switches);
    }

    /// <summary>Binds and checks the section.</summary>
    /// <exception cref="ConfigurationException">A value cannot be read or is out of its range, or a name is
    /// unknown.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        ServerOptions options;
        try
        {
            options = configuration.GetSection(ServerOptions.Section)
                .Get<ServerOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new ServerOptions();
        }
        catch (InvalidOperationException e) when (
            e.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal))
        {
            // The binder's text ends in the names.
            string names = e.Message[(e.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
            throw new ConfigurationException($"HashMatch has no setting {names}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new ConfigurationException(OneLine((e.InnerException ?? e).Message, e.Message), e);
        }

        ValidateOptionsResult result = new ServerOptionsValidator().Validate(null, options);
        if (result.Failed)
        {
            throw new ConfigurationException(string.Join("; ", result.Failures));
        }

        if (options.UploadMemory < 2L * options.Images.MaxImageBytes)
        {
            throw new ConfigurationException(
                "HashMatch:UploadMemoryBytes must have room for two uploads of HashMatch:Images:MaxImageBytes");
        }

        _ = ServerEndpoints.From(options);
        return options;
    }

    private static string OneLine(string inner, string outer) =>
        (inner == outer ? outer : $"{outer} {inner}").ReplaceLineEndings(" ");

    private static string[] Check(string[] arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            string name = argument.Split('=')[0];
            if (!argument.StartsWith("--", StringComparison.Ordinal)
                || !(name.Contains(':', StringComparison.Ordinal) || Switches.ContainsKey(name)))
            {
                throw new ConfigurationException(
                    $"'{name}' is not an argument; known are {string.Join(", ", Switches.Keys)} "
                    + "and --HashMatch:NAME=VALUE");
            }

            if (name.Length == argument.Length && ++i == arguments.Length)
            {
                throw new ConfigurationException($"{name} needs a value");
            }
        }

        return arguments;
    }
}
