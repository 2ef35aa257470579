using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace HashMatch.Server.Configuration;

/// <summary>The environment's settings, without the one that is the tool's: the key that it shows to servers.</summary>
public sealed class EnvironmentSettings : EnvironmentVariablesConfigurationProvider, IConfigurationSource
{
    private const string ToolsKey = "HashMatch:ApiKey";

    public override void Load()
    {
        base.Load();
        Data.Remove(ToolsKey);
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
