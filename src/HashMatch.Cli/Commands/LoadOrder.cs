using HashMatch.Matching;
using HashMatch.Matching.Lists;

namespace HashMatch.Cli.Commands;

/// <summary>What one `lists load` is to do.</summary>
internal sealed record LoadOrder
{
    public required string List { get; init; }

    public required string File { get; init; }

    public ListFileFormat Format { get; init; } = ListFileFormat.Auto;

    /// <summary>What 64 digits are in a text file.</summary>
    public HashType TextType { get; init; } = HashType.Pdq;

    public required string Source { get; init; }

    public bool SkipInvalid { get; init; }

    public bool Activate { get; init; } = true;

    public bool CreateMissing { get; init; } = true;

    /// <summary>Description and policy of a list that is created; one that exists must have them.</summary>
    public ListUpdate Policy { get; init; } = new();
}
