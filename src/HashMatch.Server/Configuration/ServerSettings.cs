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
        ["--listen-metrics"] = "HashMatch:ListenMetrics",
    };

    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Grpc"] = "Warning",
        // A peer that breaks the protocol could fill the log, a stack trace a frame: what it did is in its answer. What
        // a service throws is logged by CallFaults.
        ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.Http2"] = "None",
        ["Logging:LogLevel:Grpc.AspNetCore.Server.ServerCallHandler"] = "None",
        // The health checks run every second; readiness changes are logged once by their own line.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        // A refused certificate would be a warning each, with its subject.
        ["Logging:LogLevel:Microsoft.AspNetCore.Authentication"] = "Error",
        // Two lines for every wrong key, from anybody; `hashmatch.call.errors` counts them.
        ["Logging:LogLevel:HashMatch.Server.Access.ApiKeyHandler"] = "Warning",
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
            .Add(new EnvironmentSettings())
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

        if (options.MaxUploadMemoryBytes < options.MaxMessageBytes)
        {
            throw new ConfigurationException(
                $"HashMatch:MaxUploadMemoryBytes must be at least {options.MaxMessageBytes}, "
                + "which is Images:MaxImageBytes and 64 KiB");
        }

        AccessSettings.Check(options, ServerEndpoints.From(options));
        if (options.Telemetry.OtlpEndpoint is { } otlp
            && !(otlp.IsAbsoluteUri && (otlp.Scheme == Uri.UriSchemeHttp || otlp.Scheme == Uri.UriSchemeHttps)))
        {
            throw new ConfigurationException(
                $"HashMatch:Telemetry:OtlpEndpoint is '{otlp}'; expected http://HOST:PORT or https://HOST:PORT");
        }

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
