namespace HashMatch.Server.Telemetry;

/// <summary>The formatter that writes what <see cref="LeanFormatter"/> lets through.</summary>
internal sealed record LeanFormatterChoice(string Name);
