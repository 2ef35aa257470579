using HashMatch.Cli.Serving;
using HashMatch.Pdq;

namespace HashMatch.Cli.Driving;

/// <summary>The server that is started, and what its one list holds.</summary>
internal sealed record ServerOrder
{
    /// <summary>A store that has its lists; null for a temporary SQLite store with one list.</summary>
    public string? Store { get; init; }

    /// <summary>Random balanced PDQ hashes of the list.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Another seed, other entries.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Entries beside them.</summary>
    public IReadOnlyList<PdqHash> Planted { get; init; } = [];

    /// <summary>The server's assembly: this build's, or another's.</summary>
    public string Assembly { get; init; } = Programs.ServerAssembly;

    public ServerTransport Transport { get; init; }

    /// <summary>Arguments of the server.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The only processor that it may use; null for all.</summary>
    public int? Processor { get; init; }
}
