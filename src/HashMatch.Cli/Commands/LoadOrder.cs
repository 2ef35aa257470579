using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>What one `lists load` is to do.</summary>
internal sealed record LoadOrder
{
    public required string List { get; init; }

    public required string File { get; init; }

    public ListReadOptions Reading { get; init; } = new();

    /// <summary>Whether the file holds changes to the active version, and not all entries.</summary>
    public bool AsChanges { get; init; }

    public required string Source { get; init; }

    public bool SkipInvalid { get; init; }

    /// <summary>Whether the guards are passed.</summary>
    public bool Force { get; init; }

    public bool Activate { get; init; } = true;

    public bool CreateMissing { get; init; } = true;

    /// <summary>Description and policy of a list that is created; one that exists must have them.</summary>
    public ListUpdate Policy { get; init; } = new();
}
