using Microsoft.Extensions.Options;

namespace HashMatch.Server.Configuration;

/// <summary>Holds the ranges that the options' attributes say.</summary>
[OptionsValidator]
public sealed partial class ServerOptionsValidator : IValidateOptions<ServerOptions>;
